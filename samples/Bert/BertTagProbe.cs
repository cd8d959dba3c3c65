using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Elmo;
using MLNet.Papers.Samples.Texts;

namespace MLNet.Papers.Samples.Bert;

/// <summary>Fine-tunes taggers on few sentences, and measures them on others.</summary>
/// <param name="ml">The context.</param>
/// <param name="training">Sentences to learn from.</param>
/// <param name="choice">Sentences by which the step size is chosen.</param>
/// <param name="held">Sentences that are held out.</param>
/// <param name="tags">All labels.</param>
internal sealed class BertTagProbe(
    MLContext ml, IEnumerable<TaggedWord[]> training, IEnumerable<TaggedWord[]> choice, IEnumerable<TaggedWord[]> held, IReadOnlyList<string> tags)
{
    private static readonly double[] Rates = [1e-4, 3e-4, 1e-3, 3e-3];

    private readonly IDataView _training = Rows(ml, training, tags), _choice = Rows(ml, choice, tags), _held = Rows(ml, held, tags);

    /// <summary>
    /// How many held-out words a tagger that begins with an encoder names right, in %, with the step size that is best on the sentences to choose by.
    /// </summary>
    /// <param name="bert">What taggers begin with.</param>
    /// <param name="seed">Seed of the taggers.</param>
    /// <param name="check">Stops.</param>
    public (double Rate, double Accuracy) Of(BertTransformer bert, int seed, Action check)
    {
        (double Rate, double OnChoice, double OnHeld) best = Rates.Select(rate =>
        {
            check();
            BertTaggerOptions options = new() { Epochs = 5, BatchSize = 16, LearningRate = rate, Seed = seed };
            using BertTaggerTransformer tagger =
                ml.MulticlassClassification.Trainers.BertTagger(nameof(TaggedText.Tags), nameof(TaggedText.Tokens), bert, options).Fit(_training);
            return (rate, AccuracyOn(_choice, tagger), AccuracyOn(_held, tagger));
        }).MaxBy(found => found.Item2);
        return (best.Rate, best.OnHeld);
    }

    private static double AccuracyOn(IDataView rows, BertTaggerTransformer tagger)
    {
        long all = 0, right = 0;
        IEnumerable<uint[]> predicted = tagger.Transform(rows).GetColumn<uint[]>("PredictedLabel");
        foreach ((uint[] found, uint[] expected) in predicted.Zip(rows.GetColumn<uint[]>(nameof(TaggedText.Tags))))
        {
            for (int word = 0; word < expected.Length; word++)
            {
                all++;
                right += found[word] == expected[word] ? 1 : 0;
            }
        }

        return 100.0 * right / all;
    }

    private static IDataView Rows(MLContext ml, IEnumerable<TaggedWord[]> sentences, IReadOnlyList<string> tags) =>
        TaggedText.Rows(ml, sentences.Select(TaggedText.Of), tags);
}
