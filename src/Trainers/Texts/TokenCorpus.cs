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
        var numbers = new Dictionary<string, int>();
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        var row = new List<ReadOnlyMemory<char>>();
        var words = new List<string>();
        var counts = new List<int>();
        var tokens = new List<int>();
        var starts = new List<int> { 0 };
        long rows = 0;
        while (cursor.MoveNext())
        {
            Host.ThrowIfCanceled(environment);
            rows++;
            input.Read(row);
            if (tokens.Count + (long)row.Count > most)
                throw new InvalidOperationException(FormattableString.Invariant($"Column '{column}' has more than MaxTrainingTokens = {most} tokens in its first {rows} rows. Raise MaxTrainingTokens, which costs 4 bytes a token, or take fewer rows."));
            for (int token = 0; token < row.Count; token++)
            {
                ReadOnlySpan<char> text = row[token].Span;
                if (!lookup.TryGetValue(text, out int number))
                {
                    lookup[text] = number = words.Count;
                    words.Add(text.ToString());
                    counts.Add(0);
                }

                counts[number]++;
                tokens.Add(number);
                if ((token + 1) % longest == 0 || token == row.Count - 1)
                    starts.Add(tokens.Count);
            }
        }

        return tokens.Count > 0
            ? new TokenCorpus(column, words, [.. counts], [.. tokens], [.. starts])
            : throw new InvalidOperationException(FormattableString.Invariant($"There is nothing to learn from: column '{column}' has no tokens in {rows} rows."));
    }

    /// <summary>The words that occur often enough.</summary>
    /// <param name="leastCount">How often a word must occur.</param>
    /// <param name="most">The most words.</param>
    public TokenVocabulary Vocabulary(int leastCount, int most) =>
        TokenVocabulary.Of(Words.Select((word, number) => KeyValuePair.Create(word, Counts[number])), leastCount, most);

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
}
