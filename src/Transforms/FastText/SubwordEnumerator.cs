using System.Runtime.CompilerServices;

namespace MLNet.Papers.FastText;

/// <summary>
/// The character n-grams of a word between "&lt;" and "&gt;", in the order of the matrix rows: by start, then by length. A character is a code point.
/// </summary>
/// <param name="bracketed">The bytes of "&lt;", the word and "&gt;".</param>
/// <param name="minimumLength">The fewest code points of an n-gram.</param>
/// <param name="maximumLength">The most code points of an n-gram.</param>
internal ref struct SubwordEnumerator(ReadOnlySpan<byte> bracketed, int minimumLength, int maximumLength)
{
    private readonly ReadOnlySpan<byte> _word = bracketed;
    private int _start = -1;
    private int _end;
    private int _length = int.MaxValue;

    public readonly ReadOnlySpan<byte> Current => _word[_start.._end];

    /// <summary>The <see cref="SubwordHash"/> of <see cref="Current"/>.</summary>
    public uint Hash { get; private set; }

    public readonly SubwordEnumerator GetEnumerator() => this;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool MoveNext()
    {
        ReadOnlySpan<byte> word = _word;
        while (true)
        {
            if (_length >= maximumLength || _end == word.Length)
            {
                do
                    _start++;
                while (_start < word.Length && IsContinuation(word[_start]));
                if (_start >= word.Length)
                    return false;
                (_end, _length, Hash) = (_start, 0, SubwordHash.Empty);
            }

            uint hash = SubwordHash.Append(Hash, word[_end++]);
            while (_end < word.Length && IsContinuation(word[_end]))
                hash = SubwordHash.Append(hash, word[_end++]);
            Hash = hash;
            _length++;
            // The brackets alone say nothing.
            bool isBracket = _length == 1 && (_start == 0 || _end == word.Length);
            if (_length >= minimumLength && !isBracket)
                return true;
        }
    }

    /// <summary>Writes "&lt;", the word and "&gt;".</summary>
    /// <returns>The part of <paramref name="buffer"/> that was written: two bytes more than the word.</returns>
    public static ReadOnlySpan<byte> Bracket(ReadOnlySpan<byte> word, Span<byte> buffer)
    {
        buffer[0] = (byte)'<';
        word.CopyTo(buffer[1..]);
        buffer[word.Length + 1] = (byte)'>';
        return buffer[..(word.Length + 2)];
    }

    /// <summary>How many n-grams a word has.</summary>
    public static long Count(ReadOnlySpan<byte> word, int minimumLength, int maximumLength)
    {
        long codePoints = 2;
        foreach (byte value in word)
            codePoints += IsContinuation(value) ? 0 : 1;
        long count = 0;
        for (long length = Math.Max(minimumLength, 1); length <= Math.Min(maximumLength, codePoints); length++)
            count += codePoints - length + 1 - (length == 1 ? 2 : 0);
        return count;
    }

    /// <summary>Whether a byte of UTF-8 goes on with a character.</summary>
    public static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;
}
