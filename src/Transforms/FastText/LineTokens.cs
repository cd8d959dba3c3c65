using System.Runtime.CompilerServices;

namespace MLNet.Papers.FastText;

/// <summary>The tokens of a line, so that all of them can be looked up together. Used again for the next line.</summary>
internal sealed class LineTokens
{
    private Token[] _tokens = new Token[64];
    private int[] _ids = new int[64];

    /// <summary>How many tokens the line has, without its end.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<Token> All => _tokens.AsSpan(0, Count);

    /// <summary>Room for an id for each of them.</summary>
    public Span<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>The hashes of the words, known or not, with the end of the sentence.</summary>
    public List<int> Hashes { get; } = [];

    /// <summary>Cuts a line into tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Read(ReadOnlySpan<byte> text)
    {
        Hashes.Clear();
        int count = 0;
        var tokens = new TokenEnumerator(text);
        while (tokens.MoveNext())
        {
            if (count == _tokens.Length)
            {
                Array.Resize(ref _tokens, 2 * count);
                _ids = new int[2 * count];
            }

            _tokens[count++] = tokens.Token;
        }

        Count = count;
    }
}

/// <summary>Where a token stands in its text, and its <see cref="SubwordHash"/>.</summary>
internal readonly record struct Token(int Start, int End, uint Hash)
{
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> text) => text[Start..End];
}
