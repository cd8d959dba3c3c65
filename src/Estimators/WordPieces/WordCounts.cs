using System.Runtime.InteropServices;
using Microsoft.ML;
using MLNet.Papers.Labels;

namespace MLNet.Papers.WordPieces;

/// <summary>Counts the words of texts, cleaned and cut as <see cref="WordPieceTokenizer"/> does. Words that are too long are passed over.</summary>
/// <param name="rules">How texts are cut into words.</param>
/// <param name="mostWords">The most different words that are held: when there are more, those that came least often are forgotten.</param>
internal sealed class WordCounts(WordPieceRules rules, int mostWords)
{
    private readonly WordReader _reader = new(rules);
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private long _least = 1;

    /// <summary>How often each word occurs.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>How many words were counted.</summary>
    public long Total { get; private set; }

    /// <summary>How many rows were read.</summary>
    public long Rows { get; private set; }

    /// <summary>Counts the words of a column, which is read once.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="column">A text or a vector of texts.</param>
    /// <param name="rules">How texts are cut into words.</param>
    /// <param name="mostWords">The most different words that are held.</param>
    /// <param name="check">Called for every row; throws to stop.</param>
    public static WordCounts Read(IDataView data, string column, WordPieceRules rules, int mostWords, Action check)
    {
        check();
        var counts = new WordCounts(rules, mostWords);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[column]]);
        LabelValues<ReadOnlyMemory<char>> reader = LabelValues.Reader<ReadOnlyMemory<char>>(cursor, data.Schema[column]);
        for (; cursor.MoveNext(); counts.Rows++)
        {
            check();
            foreach (ReadOnlyMemory<char> text in reader())
                counts.Add(text.Span);
        }

        return counts;
    }

    /// <summary>Counts the words of a text.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        var receiver = new Receiver(_counts.GetAlternateLookup<ReadOnlySpan<char>>());
        _reader.Read(text, ref receiver);
        Total += receiver.Count;
        while (_counts.Count > mostWords)
            Forget();
    }

    private void Forget()
    {
        foreach ((string word, long count) in _counts)
        {
            if (count <= _least)
                _counts.Remove(word);
        }

        _least++;
    }

    private struct Receiver(Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> counts) : IWordReceiver
    {
        public long Count { get; private set; }

        public void Take(in Word word)
        {
            if (word.IsTooLong)
                return;
            Count++;
            ref long count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, word.Units, out _);
            count++;
        }
    }
}
