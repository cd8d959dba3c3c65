using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;
using static System.FormattableString;
using static TorchSharp.torch;

namespace MLNet.Papers.LanguageModel;

/// <summary>Rows of tokens to learn from, in a cache: of each row its edge, the numbers of its tokens and its edge again.</summary>
internal sealed class TokenRows : IDisposable
{
    // Numbers are held as Single.
    private const int MostNumbers = 1 << 24;

    private readonly string _column;
    private readonly TrainingRows _tokens;
    private readonly List<(int First, int Length)> _rows = [];
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<int> _counts = [];

    private TokenRows(string column, MinibatchOptions options, Action check) => (_column, _tokens) = (column, new(1, null, options, check));

    /// <summary>How many rows have tokens.</summary>
    public int Count => _rows.Count;

    /// <summary>How many rows had none.</summary>
    public int Empty { get; private set; }

    /// <summary>The tokens of the longest row.</summary>
    public int Longest { get; private set; }

    /// <summary>The tokens of all rows, and an end for each.</summary>
    public long Predictions => _tokens.Count - (long)_rows.Count;

    /// <summary>Reads a column once.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="column">The column.</param>
    /// <param name="options">What tokens are, and the most memory for them.</param>
    /// <param name="known">What tokens are known; null where they are numbered as they come.</param>
    /// <param name="check">Throws to stop.</param>
    /// <returns>The rows, to be disposed by the caller.</returns>
    /// <exception cref="InvalidOperationException">No row has tokens, or a key is missing.</exception>
    public static TokenRows Read(IDataView data, string column, LanguageModelOptions options, SequenceSymbols? known, Action check)
    {
        var rows = new TokenRows(column, options, check);
        try
        {
            using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[column]]);
            SequenceReader reader = SequenceReader.Create(cursor, column, options.Level, known is null ? rows.Number : known.Find);
            while (cursor.MoveNext())
            {
                check();
                rows.Add(reader.Read(), check);
            }

            return rows.Count > 0
                ? rows
                : throw new InvalidOperationException(Invariant($"There is nothing to learn from: column '{column}' has no tokens in {rows.Empty} rows."));
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>The tokens that occur often enough.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public TokenVocabulary Vocabulary(LanguageModelOptions options, Action check)
    {
        TokenVocabulary known = TokenVocabulary.Of(
            _numbers.Select(token => KeyValuePair.Create(token.Key, _counts[token.Value - 1])), options.MinCount, options.MaxVocabulary, check);
        return known.Words.Count > 0 ? known : throw new InvalidOperationException(Invariant(
            $"Column '{_column}' has no token that occurs at least MinCount = {options.MinCount} times; its rows have {_numbers.Count} different ones. ") +
            "Lower MinCount or add rows.");
    }

    /// <summary>Whether some of the tokens that came are not among those that are known.</summary>
    public bool HasOthers(TokenVocabulary known) => _numbers.Count > known.Words.Count;

    /// <summary>What each number of a token stands for, where they were numbered as they came.</summary>
    public int[] Symbols(SequenceSymbols known)
    {
        int[] symbols = new int[_numbers.Count + 1];
        foreach ((string token, int number) in _numbers)
            symbols[number] = known.Find(token);
        return symbols;
    }

    /// <summary>Batches of windows of some of the rows.</summary>
    /// <param name="rows">Which.</param>
    /// <param name="options">The length of a window, and what it reads before it.</param>
    /// <param name="symbols">What each number stands for; null where they stand for themselves.</param>
    /// <param name="device">The device of the network.</param>
    public TokenWindows Windows(IEnumerable<int> rows, LanguageModelOptions options, int[]? symbols, Device device) => new(
        _tokens, [.. rows.SelectMany(row => TokenWindow.Of(_rows[row].First, _rows[row].Length - 1, options.WindowLength, options.History))], symbols,
        device);

    /// <summary>Says how many tokens are in a temporary file, if any are, and how many rows had none.</summary>
    public void Report(IChannel channel)
    {
        _tokens.ReportFile(channel);
        if (Empty > 0)
            channel.Warning(MessageSensitivity.Schema, Invariant($"Column '{_column}' has no tokens in {Empty} rows, which are left out."));
    }

    public void Dispose() => _tokens.Dispose();

    private void Add(ReadOnlySpan<int> tokens, Action check)
    {
        if (tokens.IsEmpty)
        {
            Empty++;
            return;
        }

        int first = _tokens.Count;
        Add(SequenceSymbols.Edge);
        for (int place = 0; place < tokens.Length; place++)
        {
            if (place % 4096 == 0)
                check();
            Add(tokens[place]);
        }

        Add(SequenceSymbols.Edge);
        _rows.Add((first, tokens.Length + 2));
        Longest = Math.Max(Longest, tokens.Length);

        void Add(float number) => _tokens.Add([number]);
    }

    private int Number(ReadOnlySpan<char> token)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(token, out int number))
        {
            if (_counts.Count == MostNumbers - 1)
                throw new InvalidOperationException(Invariant($"Column '{_column}' has more than {MostNumbers - 1} different tokens. Take fewer rows."));
            lookup[token] = number = _counts.Count + 1;
            _counts.Add(0);
        }

        _counts[number - 1]++;
        return number;
    }
}
