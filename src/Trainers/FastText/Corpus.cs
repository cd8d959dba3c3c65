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
internal sealed record Corpus(IHostEnvironment Environment, IDataView Data, string TextColumn, string? LabelColumn = null, LabelIndex? Labels = null)
{
    /// <summary>Counts the words and the labels of all rows.</summary>
    /// <param name="labelCounts">Receives how often each label occurs, in the order of the keys.</param>
    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public Vocabulary Count(Span<long> labelCounts)
    {
        var counter = new VocabularyCounter();
        var own = new CorpusBlock();
        uint endOfSentence = SubwordHash.Of(FastTextDictionary.EndOfSentenceToken);
        long rows = 0, unlabelledRows = 0, labels = 0;
        Host.ThrowIfCanceled(Environment);
        using var reader = new CorpusReader(this, passes: 1);
        while (reader.Next(own) is { } block)
        {
            Host.ThrowIfCanceled(Environment);
            rows += block.Count;
            for (int line = 0; line < block.Count; line++)
            {
                var tokens = new TokenEnumerator(block.Line(line));
                while (tokens.MoveNext())
                    counter.Add(tokens.Current, tokens.Hash);
                counter.Add(FastTextDictionary.EndOfSentenceToken, endOfSentence);
                ReadOnlySpan<int> lineLabels = block.Labels(line);
                foreach (int label in lineLabels)
                    labelCounts[label]++;
                labels += lineLabels.Length;
                if (lineLabels.IsEmpty)
                    unlabelledRows++;
            }
        }

        return rows > 0
            ? new Vocabulary(counter, TextColumn, unlabelledRows, counter.TokenCount + labels)
            : throw new InvalidOperationException($"There are no rows to learn from: column '{TextColumn}' is empty.");
    }
}

/// <summary>What was counted in a corpus.</summary>
/// <param name="Counter">The words.</param>
/// <param name="TextColumn">The column that they come from.</param>
/// <param name="UnlabelledRows">How many rows have no label.</param>
/// <param name="TokenCount">All words, ends of rows and labels.</param>
internal sealed record Vocabulary(VocabularyCounter Counter, string TextColumn, long UnlabelledRows, long TokenCount)
{
    /// <summary>The dictionary of a model: the words that are frequent enough, those that have vectors already, and the labels.</summary>
    /// <exception cref="InvalidOperationException">No word is frequent enough.</exception>
    public FastTextDictionary ToDictionary(FastTextArguments arguments, FastTextModel? initial = null, IEnumerable<DictionaryEntry>? labels = null)
    {
        int different = Counter.Count;
        Counter.Limit(arguments.MinimumCount);
        for (int id = 0; id < initial?.Dictionary.WordCount; id++)
            Counter.Ensure(initial.Dictionary.Name(id));
        IReadOnlyList<DictionaryEntry> words = Counter.Entries();
        if (!words.Any(word => !word.Name.AsSpan().SequenceEqual(FastTextDictionary.EndOfSentenceToken)))
        {
            throw new InvalidOperationException(
                $"Column '{TextColumn}' has no word that occurs at least MinCount = {arguments.MinimumCount} times; it has {different} different ones, the ends of rows counted. Lower MinCount or add rows.");
        }

        return new FastTextDictionary([.. words, .. labels ?? []], TokenCount, arguments);
    }
}
