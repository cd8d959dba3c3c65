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
    private const int MostOccurrences = 400;
    private const double TrainingShare = 0.7;
    private const int Splits = 5;

    private static readonly float[] Penalties = [1, 3, 10, 30, 100, 300, 1_000];

    /// <summary>
    /// The occurrences of all words that have two translations of 12 % each at least, those of these translations: of each word 400 at most, drawn at random,
    /// since "a" alone would otherwise be a quarter of all. Those in pairs that an encoder learned from and those in the others are apart; if there are others,
    /// of each word there are as many here as there.
    /// </summary>
    /// <param name="pairs">Tokens of texts and of their translations.</param>
    /// <param name="alignment">Which words come from which.</param>
    /// <param name="held">The numbers of the pairs that no encoder learns from.</param>
    public static (IReadOnlyList<TranslatedOccurrence> Learned, IReadOnlyList<TranslatedOccurrence> Held) Find(
        IReadOnlyList<TokenPair> pairs, WordAlignment alignment, IReadOnlySet<int> held)
    {
        IEnumerable<TranslatedOccurrence> all = pairs.SelectMany((pair, sentence) =>
            alignment.Links(pair.Source, pair.Target)
                .Select((choice, place) => choice is null ? null : new TranslatedOccurrence(sentence, place, pair.Source[place], choice))
                .OfType<TranslatedOccurrence>());
        List<TranslatedOccurrence> ofLearned = [], ofHeld = [];
        foreach (IGrouping<string, TranslatedOccurrence> word in all.GroupBy(occurrence => occurrence.Word))
        {
            int heldCount = word.Count(occurrence => held.Contains(occurrence.Sentence));
            if (word.Count() - heldCount < LeastOccurrences || (held.Count > 0 && heldCount < LeastOccurrences))
                continue;
            IGrouping<string, TranslatedOccurrence>[] choices =
            [
                .. word.GroupBy(occurrence => occurrence.Choice).Where(choice => choice.Count() >= LeastShare * word.Count()),
            ];
            if (choices.Length < 2)
                continue;
            ILookup<bool, TranslatedOccurrence> places = RandomOrder(choices.SelectMany(choice => choice), 1).ToLookup(
                occurrence => held.Contains(occurrence.Sentence));
            int count = held.Count == 0 ? MostOccurrences : int.Min(MostOccurrences, int.Min(places[false].Count(), places[true].Count()));
            ofLearned.AddRange(places[false].Take(count));
            ofHeld.AddRange(places[true].Take(count));
        }

        return (ofLearned, ofHeld);
    }

    /// <summary>
    /// The part, in percent, of the occurrences held out whose translation is named right: the mean of five random splits, 70 % to learn from each.
    /// </summary>
    /// <param name="vectors">
    /// A vector for each occurrence; null for the most frequent translation of each word. The penalty on the classifiers' squared weights is the one that names
    /// most right of a part of the occurrences that the first split learns from: a fixed one would favour some vectors.
    /// </param>
    public double Accuracy(float[][]? vectors)
    {
        IGrouping<string, int>[] words = [.. Enumerable.Range(0, occurrences.Count).GroupBy(i => occurrences[i].Word)];
        Split[][] splits = [.. Enumerable.Range(1, Splits).Select(seed => Array.ConvertAll(words, word => Split.Of(word, seed)))];
        if (vectors is null)
            return splits.Average(split => Share(split, Majority));
        Split[] inner = Array.ConvertAll(splits[0], word => Split.Of(word.Training, 1));
        float penalty = Penalties.MaxBy(candidate => Share(inner, word => Classified(vectors, word, candidate)));
        return splits.Average(split => Share(split, word => Classified(vectors, word, penalty)));
    }

    private static double Share(Split[] words, Func<Split, int> countRight) => 100.0 * words.Sum(countRight) / words.Sum(word => word.Held.Length);

    private int Majority(Split word)
    {
        string most = word.Training.GroupBy(i => occurrences[i].Choice).MaxBy(group => group.Count())!.Key;
        return word.Held.Count(i => occurrences[i].Choice == most);
    }

    private int Classified(float[][] vectors, Split word, float penalty)
    {
        var shape = SchemaDefinition.Create(typeof(Row));
        shape[nameof(Row.Vector)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, vectors[0].Length);
        IDataView Rows(int[] numbers) =>
            ml.Data.LoadFromEnumerable(numbers.Select(i => new Row { Vector = vectors[i], Choice = occurrences[i].Choice }), shape);
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Choice))
            .Append(ml.Transforms.NormalizeMeanVariance("Features", nameof(Row.Vector), fixZero: false))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: penalty))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Named", "PredictedLabel"));
        IEnumerable<string> named = pipeline.Fit(Rows(word.Training)).Transform(Rows(word.Held)).GetColumn<string>("Named");
        return named.Zip(word.Held).Count(pair => pair.First == occurrences[pair.Second].Choice);
    }

    private static T[] RandomOrder<T>(IEnumerable<T> items, int seed)
    {
        T[] order = [.. items];
        new Random(seed).Shuffle(order);
        return order;
    }

    // The occurrences of a word, by number.
    private sealed record Split(int[] Training, int[] Held)
    {
        public static Split Of(IEnumerable<int> all, int seed)
        {
            int[] order = RandomOrder(all, seed);
            int trained = (int)(TrainingShare * order.Length);
            return new(order[..trained], order[trained..]);
        }
    }

    private sealed class Row
    {
        public float[] Vector { get; set; } = [];

        public string Choice { get; set; } = "";
    }
}
