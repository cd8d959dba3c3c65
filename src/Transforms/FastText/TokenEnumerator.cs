using System.Runtime.CompilerServices;

namespace MLNet.Papers.FastText;

/// <summary>
/// The tokens of a text: what stands between space, line feed, carriage return, tab, vertical tab, form feed and NUL, and no other character.
/// </summary>
/// <remarks>A line feed separates like the others: a row is one line, whose end the reader of the tokens adds.</remarks>
/// <param name="utf8">The text.</param>
internal ref struct TokenEnumerator(ReadOnlySpan<byte> utf8)
{
    private const ulong Separators = (1UL << 0) | (1UL << '\t') | (1UL << '\n') | (1UL << '\v') | (1UL << '\f') | (1UL << '\r') | (1UL << ' ');

    private readonly ReadOnlySpan<byte> _utf8 = utf8;
    private int _start;
    private int _end;

    public readonly ReadOnlySpan<byte> Current => _utf8[_start.._end];

    /// <summary>The <see cref="SubwordHash"/> of <see cref="Current"/>.</summary>
    public uint Hash { get; private set; } = SubwordHash.Empty;

    /// <summary>Where <see cref="Current"/> stands.</summary>
    public readonly Token Token => new(_start, _end, Hash);

    public readonly TokenEnumerator GetEnumerator() => this;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool MoveNext()
    {
        ReadOnlySpan<byte> utf8 = _utf8;
        int start = _end;
        while ((uint)start < (uint)utf8.Length && IsSeparator(utf8[start]))
            start++;
        int end = start;
        uint hash = SubwordHash.Empty;
        while ((uint)end < (uint)utf8.Length && !IsSeparator(utf8[end]))
            hash = SubwordHash.Append(hash, utf8[end++]);
        (_start, _end, Hash) = (start, end, hash);
        return end > start;
    }

    private static bool IsSeparator(byte value) => value <= ' ' && ((Separators >> value) & 1) != 0;
}
