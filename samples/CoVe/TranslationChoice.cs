using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>An occurrence of a word, and what it was translated by.</summary>
/// <param name="Sentence">The number of its sentence.</param>
/// <param name="Place">Its place in the sentence.</param>
/// <param name="Word">The word.</param>
/// <param name="Choice">What it was translated by.</param>
internal sealed record TranslatedOccurrence(int Sentence, int Place, string Word, string Choice);

/// <summary>Whether the vector of an ambiguous word tells how it was translated into another language: a linear classifier for each word.</summary>
/// <param name="ml">The context.</param>
/// <param name="occurrences">Occurrences of ambiguous words.</param>
internal sealed class TranslationChoice(MLContext ml, IReadOnlyList<TranslatedOccurrence> occurrences)
{
    private const int LeastOccurrences = 120;
    private const double LeastShare = 0.12;
    private const double TrainingShare = 0.7;

    /// <summary>The occurrences of all words that have two translations of 12 % each at least, those of these translations.</summary>
    /// <param name="pairs">Tokens of texts and of their translations.</param>
    /// <param name="alignment">Which words come from which.</param>
    public static IReadOnlyList<TranslatedOccurrence> Find(IReadOnlyList<TokenPair> pairs, WordAlignment alignment)
    {
        IEnumerable<TranslatedOccurrence> all = pairs.SelectMany((pair, sentence) =>
            alignment.Links(pair.Source, pair.Target).Select((choice, place) => choice is null ? null : new TranslatedOccurrence(sentence, place, pair.Source[place], choice)).OfType<TranslatedOccurrence>());
        return [.. all.GroupBy(occurrence => occurrence.Word).Where(group => group.Count() >= LeastOccurrences).SelectMany(group =>
        {
            IGrouping<string, TranslatedOccurrence>[] choices = [.. group.GroupBy(occurrence => occurrence.Choice).Where(choice => choice.Count() >= LeastShare * group.Count())];
            return choices.Length > 1 ? choices.SelectMany(choice => choice) : [];
        })];
    }

    /// <summary>The part, in percent, of the occurrences held out whose translation is named right.</summary>
    /// <param name="vectors">A vector for each occurrence; null for the most frequent translation of each word.</param>
    public double Accuracy(float[][]? vectors)
    {
        int right = 0, all = 0;
        foreach (IGrouping<string, int> word in Enumerable.Range(0, occurrences.Count).GroupBy(i => occurrences[i].Word))
        {
            int[] order = [.. word];
            new Random(1).Shuffle(order);
            int trained = (int)(TrainingShare * order.Length);
            int[] training = order[..trained], held = order[trained..];
            all += held.Length;
            right += vectors is null ? Majority(training, held) : Classified(vectors, training, held);
        }

        return 100.0 * right / all;
    }

    private int Majority(int[] training, int[] held)
    {
        string most = training.GroupBy(i => occurrences[i].Choice).MaxBy(group => group.Count())!.Key;
        return held.Count(i => occurrences[i].Choice == most);
    }

    private int Classified(float[][] vectors, int[] training, int[] held)
    {
        var shape = SchemaDefinition.Create(typeof(Row));
        shape[nameof(Row.Vector)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, vectors[0].Length);
        IDataView Rows(int[] numbers) => ml.Data.LoadFromEnumerable(numbers.Select(i => new Row { Vector = vectors[i], Choice = occurrences[i].Choice }), shape);
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Choice))
            .Append(ml.Transforms.NormalizeMeanVariance("Features", nameof(Row.Vector)))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 1))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Named", "PredictedLabel"));
        IEnumerable<string> named = pipeline.Fit(Rows(training)).Transform(Rows(held)).GetColumn<string>("Named");
        return named.Zip(held).Count(pair => pair.First == occurrences[pair.Second].Choice);
    }

    private sealed class Row
    {
        public float[] Vector { get; set; } = [];

        public string Choice { get; set; } = "";
    }
}
