using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;

namespace MLNet.Papers.FastText;

/// <summary>The rows that a model is trained on, read once, or anew for each pass.</summary>
/// <param name="Environment">Where the training runs.</param>
/// <param name="Data">The rows.</param>
/// <param name="TextColumn">A text or a vector of texts.</param>
/// <param name="LabelColumn">A label column, or null.</param>
/// <param name="Labels">How its labels are read, or null.</param>
/// <param name="Leaves">Whether a row, by its number, is left out; null takes all rows.</param>
internal sealed record Corpus(
    IHostEnvironment Environment, IDataView Data, string TextColumn, string? LabelColumn = null, LabelIndex? Labels = null, Func<long, bool>? Leaves = null);

/// <summary>What was counted in a corpus.</summary>
/// <param name="Counter">The words.</param>
/// <param name="TextColumn">The column that they come from.</param>
/// <param name="UnlabelledRows">How many rows have no label.</param>
/// <param name="TokenCount">All words, ends of rows and labels.</param>
internal sealed record Vocabulary(VocabularyCounter Counter, string TextColumn, long UnlabelledRows, long TokenCount)
{
    /// <summary>The dictionary of a model: the words that are frequent enough, those that have vectors already, and the labels.</summary>
    /// <exception cref="InvalidOperationException">No word is frequent enough.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public FastTextDictionary ToDictionary(
        FastTextArguments arguments, IHostEnvironment environment, FastTextModel? initial = null, IReadOnlyList<DictionaryEntry>? labels = null)
    {
        var polling = new Polling(Check);
        int different = Counter.Count;
        Counter.Limit(arguments.MinimumCount);
        for (int id = 0; id < initial?.Dictionary.WordCount; id++)
        {
            polling.Turn();
            Counter.Ensure(initial.Dictionary.Name(id));
        }

        List<DictionaryEntry> entries = new(Counter.Count + (labels?.Count ?? 0));
        entries.AddRange(Counter.Words.Entries(Check));
        if (entries.All(word => word.Name.Span.SequenceEqual(FastTextDictionary.EndOfSentenceToken)))
        {
            throw new InvalidOperationException(
                $"Column '{TextColumn}' has no word that occurs at least MinCount = {arguments.MinimumCount} times; " +
                $"it has {different} different ones, the ends of rows counted. Lower MinCount or add rows.");
        }

        entries.AddRange(labels ?? []);
        return new FastTextDictionary(entries, TokenCount, arguments, check: Check);

        void Check() => Host.ThrowIfCanceled(environment);
    }
}
