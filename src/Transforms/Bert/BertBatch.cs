namespace MLNet.Papers.Bert;

/// <summary>Texts as the network reads them, one behind the other: numbers of pieces, marks included, and where the second text of a pair begins.</summary>
/// <remarks>Memory is kept from batch to batch. One thread at a time.</remarks>
internal sealed class BertBatch
{
    private readonly List<int> _starts = [0];
    private readonly List<int> _seconds = [];
    private int[] _pieces = [];

    /// <summary>How many texts there are; a pair is one.</summary>
    public int Count => _seconds.Count;

    /// <summary>The pieces of all texts together.</summary>
    public int Total => _starts[^1];

    /// <summary>Where a text begins among the pieces of all; for the number behind the last text, where that ends.</summary>
    public int Start(int text) => _starts[text];

    /// <summary>How many pieces a text has.</summary>
    public int Length(int text) => _starts[text + 1] - _starts[text];

    /// <summary>The numbers of a text's pieces.</summary>
    public ReadOnlySpan<int> Pieces(int text) => _pieces.AsSpan(_starts[text], Length(text));

    /// <summary>The place in a text from which the pieces are of segment 1; its length where it is no pair.</summary>
    public int Second(int text) => _seconds[text];

    /// <summary>Adds a text.</summary>
    /// <param name="pieces">The numbers of its pieces; at least one.</param>
    /// <param name="second">The place from which they are of segment 1.</param>
    public void Add(ReadOnlySpan<int> pieces, int second)
    {
        if (pieces.IsEmpty)
            throw new ArgumentException("A text has its marks at least.", nameof(pieces));
        int start = Total;
        if (_pieces.Length < start + pieces.Length)
            Array.Resize(ref _pieces, Math.Max(2 * _pieces.Length, start + pieces.Length));
        pieces.CopyTo(_pieces.AsSpan(start));
        _starts.Add(start + pieces.Length);
        _seconds.Add(second);
    }

    /// <summary>Adds a text that is no pair.</summary>
    /// <param name="pieces">The numbers of its pieces; at least one.</param>
    public void Add(ReadOnlySpan<int> pieces) => Add(pieces, pieces.Length);

    /// <summary>Forgets the texts.</summary>
    public void Clear()
    {
        _starts.RemoveRange(1, _starts.Count - 1);
        _seconds.Clear();
    }
}
