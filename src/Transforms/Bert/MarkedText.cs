using MLNet.Papers.WordPieces;

namespace MLNet.Papers.Bert;

/// <summary>Reads texts in which a mark stands for hidden words.</summary>
/// <param name="tokenizer">Cuts what stands between the marks into pieces.</param>
/// <param name="mark">The mark.</param>
internal sealed class MarkedText(WordPieceTokenizer tokenizer, string mark)
{
    private readonly List<WordPiece> _part = [];

    /// <summary>Adds the pieces of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pieces">Receives their numbers, that of [MASK] for each mark.</param>
    /// <param name="places">Receives which of them are marks.</param>
    public void Read(ReadOnlySpan<char> text, List<int> pieces, List<int> places)
    {
        for (int end; (end = text.IndexOf(mark, StringComparison.Ordinal)) >= 0; text = text[(end + mark.Length)..])
        {
            Add(text[..end]);
            places.Add(pieces.Count);
            pieces.Add(tokenizer.Vocabulary.Mask);
        }

        Add(text);

        void Add(ReadOnlySpan<char> part)
        {
            _part.Clear();
            tokenizer.Tokenize(part, _part);
            foreach (WordPiece piece in _part)
                pieces.Add(piece.Id);
        }
    }
}
