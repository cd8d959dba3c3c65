using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Texts;

/// <summary>The texts of a column in memory as numbers of words, 4 bytes a token; of each different word one string.</summary>
internal sealed class TokenCorpus
{
    private readonly int[] _tokens;
    private readonly int[] _starts;

    private TokenCorpus(string column, IReadOnlyList<string> words, int[] counts, int[] tokens, int[] starts)
    {
        (Column, Words, Counts, _tokens, _starts) = (column, words, counts, tokens, starts);
    }

    /// <summary>The column that the texts come from.</summary>
    public string Column { get; }

    /// <summary>The different words, in the order in which they came.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>How often each word occurs.</summary>
    public IReadOnlyList<int> Counts { get; }

    /// <summary>How many sentences there are: rows with tokens, long ones in pieces.</summary>
    public int SentenceCount => _starts.Length - 1;

    /// <summary>The tokens of all sentences.</summary>
    public int TokenCount => _tokens.Length;

    /// <summary>The words of a sentence, by number.</summary>
    public ReadOnlySpan<int> Sentence(int index) => _tokens.AsSpan(_starts[index].._starts[index + 1]);

    /// <summary>How many tokens a sentence has; at least 1.</summary>
    public int Length(int index) => _starts[index + 1] - _starts[index];

    /// <summary>Reads a column once.</summary>
    /// <param name="environment">Where the fit runs.</param>
    /// <param name="data">The rows.</param>
    /// <param name="column">A text or a vector of texts.</param>
    /// <param name="longest">The most tokens of a sentence; longer rows are cut into several.</param>
    /// <param name="most">The most tokens of all rows.</param>
    /// <exception cref="InvalidOperationException">There are no tokens, or too many.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public static TokenCorpus Read(IHostEnvironment environment, IDataView data, string column, int longest, int most)
    {
        Host.ThrowIfCanceled(environment);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[column]]);
        TokenInput input = TokenInput.Create(cursor, column);
        var row = new List<ReadOnlyMemory<char>>();
        var builder = new Builder(column);
        long rows = 0;
        while (cursor.MoveNext())
        {
            Host.ThrowIfCanceled(environment);
            rows++;
            input.Read(row);
            if (builder.TokenCount + (long)row.Count > most)
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"Column '{column}' has more than MaxTrainingTokens = {most} tokens in its first {rows} rows. ") +
                    "Raise MaxTrainingTokens, which costs 4 bytes a token, or take fewer rows.");
            }

            for (int start = 0; start < row.Count; start += longest)
            {
                Host.ThrowIfCanceled(environment);
                builder.Add(CollectionsMarshal.AsSpan(row).Slice(start, Math.Min(longest, row.Count - start)));
            }
        }

        return builder.TokenCount > 0
            ? builder.Build()
            : throw new InvalidOperationException(
                FormattableString.Invariant($"There is nothing to learn from: column '{column}' has no tokens in {rows} rows."));
    }

    /// <summary>The words that occur often enough.</summary>
    /// <param name="leastCount">How often a word must occur.</param>
    /// <param name="most">The most words.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    public TokenVocabulary Vocabulary(int leastCount, int most, Action? check = null) =>
        TokenVocabulary.Of(Words.Select((word, number) => KeyValuePair.Create(word, Counts[number])), leastCount, most, check);

    /// <summary>A hash of all that is here.</summary>
    public ulong Hash()
    {
        var hash = new XxHash64();
        hash.Append(MemoryMarshal.AsBytes(_tokens.AsSpan()));
        hash.Append(MemoryMarshal.AsBytes(_starts.AsSpan()));
        foreach (string word in Words)
        {
            hash.Append(MemoryMarshal.AsBytes(word.AsSpan()));
            hash.Append("\n"u8);
        }

        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Collects sentences.</summary>
    /// <param name="column">The column that they come from.</param>
    internal sealed class Builder(string column)
    {
        private readonly Dictionary<string, int> _numbers = [];
        private readonly List<string> _words = [];
        private readonly List<int> _counts = [];
        private readonly List<int> _tokens = [];
        private readonly List<int> _starts = [0];

        public int TokenCount => _tokens.Count;

        public int SentenceCount => _starts.Count - 1;

        /// <summary>Adds a sentence.</summary>
        public void Add(ReadOnlySpan<ReadOnlyMemory<char>> sentence)
        {
            Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
            foreach (ReadOnlyMemory<char> token in sentence)
            {
                if (!lookup.TryGetValue(token.Span, out int number))
                {
                    lookup[token.Span] = number = _words.Count;
                    _words.Add(token.ToString());
                    _counts.Add(0);
                }

                _counts[number]++;
                _tokens.Add(number);
            }

            _starts.Add(_tokens.Count);
        }

        public TokenCorpus Build() => new(column, _words, [.. _counts], [.. _tokens], [.. _starts]);
    }
}
