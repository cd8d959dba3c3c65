using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.ML;
using MLNet.Papers.Labels;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers.Bert;

/// <summary>Texts in memory as pieces, 4 bytes each: sentences one after the other, which make documents.</summary>
internal sealed class PieceCorpus
{
    private readonly int[] _pieces;
    private readonly int[] _sentences;
    private readonly int[] _documents;

    private PieceCorpus(int[] pieces, int[] sentences, int[] documents) => (_pieces, _sentences, _documents) = (pieces, sentences, documents);

    public int PieceCount => _pieces.Length;

    /// <summary>How many documents have pieces.</summary>
    public int DocumentCount => _documents.Length - 1;

    /// <summary>The sentences of a document, by number: from <c>First</c> to before <c>End</c>. There is at least one, and each has pieces.</summary>
    public (int First, int End) Document(int number) => (_documents[number], _documents[number + 1]);

    /// <summary>Where a sentence begins among all pieces; of the number behind the last sentence, where that ends.</summary>
    public int Start(int sentence) => _sentences[sentence];

    /// <summary>Some pieces.</summary>
    public ReadOnlySpan<int> Pieces(int start, int length) => _pieces.AsSpan(start, length);

    /// <summary>Reads a column once.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="column">A text or a vector of texts.</param>
    /// <param name="documentColumn">Says which document a row belongs to; null where each row is one.</param>
    /// <param name="tokenizer">Cuts texts into pieces.</param>
    /// <param name="most">The most pieces of all rows.</param>
    /// <param name="check">Called for every row; throws to stop.</param>
    /// <exception cref="InvalidOperationException">There are too many pieces.</exception>
    public static PieceCorpus Read(IDataView data, string column, string? documentColumn, WordPieceTokenizer tokenizer, int most, Action check)
    {
        check();
        DataViewSchema.Column texts = data.Schema[column];
        using DataViewRowCursor cursor = data.GetRowCursor(documentColumn is null ? [texts] : [texts, data.Schema[documentColumn]]);
        LabelValues<ReadOnlyMemory<char>> reader = LabelValues.Reader<ReadOnlyMemory<char>>(cursor, texts);
        Func<bool> begins = documentColumn is null ? () => true : DocumentChanges.Create(cursor, documentColumn);
        var builder = new Builder();
        var pieces = new List<WordPiece>();
        var sentence = new List<int>();
        for (long rows = 1; cursor.MoveNext(); rows++)
        {
            check();
            if (begins())
                builder.EndDocument();
            sentence.Clear();
            foreach (ReadOnlyMemory<char> text in reader())
            {
                pieces.Clear();
                tokenizer.Tokenize(text.Span, pieces);
                foreach (WordPiece piece in pieces)
                    sentence.Add(piece.Id);
            }

            if (builder.PieceCount + (long)sentence.Count > most)
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"Column '{column}' has more than MaxTrainingPieces = {most} pieces of words in its first {rows} rows. ") +
                    "Raise MaxTrainingPieces, which costs 4 bytes a piece, or take fewer rows.");
            }

            builder.Add(CollectionsMarshal.AsSpan(sentence));
        }

        return builder.Build();
    }

    /// <summary>A hash of all that is here.</summary>
    public ulong Hash()
    {
        var hash = new XxHash64();
        foreach (int[] part in new[] { _pieces, _sentences, _documents })
            hash.Append(MemoryMarshal.AsBytes(part.AsSpan()));
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Collects sentences.</summary>
    internal sealed class Builder
    {
        private readonly List<int> _pieces = [];
        private readonly List<int> _sentences = [0];
        private readonly List<int> _documents = [0];

        public int PieceCount => _pieces.Count;

        /// <summary>Ends the document, if it has sentences; the next one begins another.</summary>
        public void EndDocument()
        {
            if (_documents[^1] < _sentences.Count - 1)
                _documents.Add(_sentences.Count - 1);
        }

        /// <summary>Adds a sentence to the document; one without pieces is none.</summary>
        public void Add(ReadOnlySpan<int> sentence)
        {
            if (sentence.IsEmpty)
                return;
            _pieces.AddRange(sentence);
            _sentences.Add(_pieces.Count);
        }

        public PieceCorpus Build()
        {
            EndDocument();
            return new([.. _pieces], [.. _sentences], [.. _documents]);
        }
    }
}
