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

    public void Clear()
    {
        Hashes.Clear();
        Count = 0;
    }

    /// <summary>Adds a token and its id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Token token, int id)
    {
        if (Count == _tokens.Length)
            Grow();
        (_tokens[Count], _ids[Count]) = (token, id);
        Count++;
    }

    private void Grow()
    {
        Array.Resize(ref _tokens, 2 * Count);
        Array.Resize(ref _ids, 2 * Count);
    }
}

/// <summary>Where a token stands in its text, and its <see cref="SubwordHash"/>.</summary>
internal readonly record struct Token(int Start, int End, uint Hash)
{
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> text) => text[Start..End];
}
