using Microsoft.ML;
using MLNet.Papers.Episodes;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Tests.Scoring;
using MLNet.Papers.Training;

namespace MLNet.Papers.Tests.Episodes;

/// <summary>Section 3: mean accuracy over random episodes of classes that were not trained on.</summary>
[TestClass]
public sealed class FewShotEvaluationTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(2, 1, 1)]
    [DataRow(5, 1, 5)]
    [DataRow(5, 3, 7)]
    [DataRow(6, 5, 3)]
    public void Classes_far_apart_are_all_told_apart(int ways, int shots, int queries)
    {
        using PrototypicalNetworkTransformer network = Identity(4);
        FewShotMetrics metrics = _ml.MulticlassClassification.EvaluateFewShot(
            Clusters.Keyed(6, 10, 4, spread: 0.001), network, ways, shots, queries, episodes: 50);
        Assert.AreEqual((1d, 0d, 50), (metrics.MeanAccuracy, metrics.ConfidenceInterval, metrics.Episodes));
        Assert.IsTrue(metrics.PerClass.All(entry => entry.Accuracy == 1));
        Assert.AreEqual(50 * ways * queries, metrics.PerClass.Sum(entry => entry.Queries));
    }

    [TestMethod]
    public void Classes_that_are_all_alike_are_guessed()
    {
        // All classes have the same distribution: 5 ways give 0.2. The interval is 1.96 standard deviations of the mean.
        using PrototypicalNetworkTransformer network = Identity(4);
        FewShotMetrics metrics = _ml.MulticlassClassification.EvaluateFewShot(Alike(20, 40), network, ways: 5, shots: 1, queries: 5, episodes: 500);
        Assert.AreEqual(0.2, metrics.MeanAccuracy, 3 * metrics.ConfidenceInterval / 1.96);
        // An episode has 25 guesses of 0.2, so its standard deviation is about sqrt(0.2 * 0.8 / 25) = 0.08 and the interval 1.96 * 0.08 / sqrt(500) = 0.007.
        Assert.AreEqual(0.007, metrics.ConfidenceInterval, 0.002);
    }

    [TestMethod]
    [DataRow(Distance.SquaredEuclidean)]
    [DataRow(Distance.Cosine)]
    public void The_figures_are_those_of_a_plain_count(Distance distance)
    {
        const int Ways = 4, Shots = 2, Queries = 3, Episodes = 60, Seed = 11;
        float[][] features = Clusters.Features(7, 8, 3, seed: 4, spread: 0.7);
        int[] labels = Clusters.Labels(7, 8);
        using PrototypicalNetworkTransformer network = Identity(3, distance);
        FewShotMetrics metrics = _ml.MulticlassClassification.EvaluateFewShot(
            Clusters.Keyed(7, 8, 3, seed: 4, spread: 0.7), network, Ways, Shots, Queries, Episodes, Seed);

        var sampler = new EpisodeSampler(
            [.. Enumerable.Range(0, 7).Select(index => Enumerable.Range(0, 56).Where(row => labels[row] == index).ToArray())], Ways, Shots, Queries);
        var accuracies = new double[Episodes];
        var answers = new List<(int Class, bool IsRight)>();
        for (int i = 0; i < Episodes; i++)
        {
            Episode episode = sampler.Draw(StepRandom.Create(Seed, i));
            double[][] prototypes =
            [
                .. episode.Support.Chunk(Shots).Select(rows => PlainMathematics.Mean([.. rows.Select(row => PlainMathematics.Double(features[row]))])),
            ];
            bool[] right =
            [
                .. episode.Queries.Select(row =>
                {
                    double[] probabilities = PlainMathematics.Probabilities(PlainMathematics.Double(features[row]), prototypes, distance);
                    return episode.Classes[Array.IndexOf(probabilities, probabilities.Max())] == labels[row];
                }),
            ];
            accuracies[i] = right.Average(isRight => isRight ? 1.0 : 0);
            answers.AddRange(episode.Queries.Select((row, query) => (labels[row], right[query])));
        }

        double mean = accuracies.Average(), variance = accuracies.Sum(accuracy => Math.Pow(accuracy - mean, 2)) / (Episodes - 1);
        Assert.IsTrue(mean is > 0.4 and < 0.95, $"{mean}: too easy or too hard to tell right from wrong.");
        Assert.AreEqual(mean, metrics.MeanAccuracy, 1e-12);
        Assert.AreEqual(1.96 * Math.Sqrt(variance / Episodes), metrics.ConfidenceInterval, 1e-12);
        Assert.HasCount(7, metrics.PerClass);
        for (int index = 0; index < 7; index++)
        {
            bool[] asked = [.. answers.Where(answer => answer.Class == index).Select(answer => answer.IsRight)];
            Assert.AreEqual(($"class{index}", asked.Length), (metrics.PerClass[index].ClassName, metrics.PerClass[index].Queries));
            Assert.AreEqual(asked.Average(isRight => isRight ? 1.0 : 0), metrics.PerClass[index].Accuracy, 1e-12);
        }
    }

    [TestMethod]
    public void One_episode_has_no_interval()
    {
        using PrototypicalNetworkTransformer network = Identity(4);
        FewShotMetrics metrics = _ml.MulticlassClassification.EvaluateFewShot(Alike(8, 10), network, episodes: 1);
        Assert.AreEqual((1, double.NaN), (metrics.Episodes, metrics.ConfidenceInterval));
        Assert.HasCount(5, metrics.PerClass);  // those of the episode
    }

    [TestMethod]
    public void Classes_with_too_few_rows_and_rows_without_a_label_are_left_out()
    {
        // Keys 1 to 4 have 6 rows each; of the third, 1 is left; the fourth loses 2 and keeps 4.
        uint[] keys = [.. Enumerable.Range(0, 24).Select(row => (row % 4) switch { 2 when row > 4 => 0u, 3 when row < 8 => 0u, int index => (uint)index + 1 })];
        var data = new HandWrittenView(
            HandWrittenColumn.Vectors("Features", Clusters.Features(4, 6, 4)), HandWrittenColumn.Keys("Label", keys, "a", "b", "c", "d"));
        using PrototypicalNetworkTransformer network = Identity(4);
        FewShotMetrics metrics = _ml.MulticlassClassification.EvaluateFewShot(data, network, ways: 3, shots: 1, queries: 3, episodes: 20);
        CollectionAssert.AreEqual(new[] { "a", "b", "d" }, metrics.PerClass.Select(entry => entry.ClassName).ToArray());
        AssertMessage<InvalidOperationException>(
            () => _ml.MulticlassClassification.EvaluateFewShot(data, network, ways: 4, shots: 1, queries: 3),
            "Column 'Label' must have at least 4 classes with shots + queries = 4 rows each, but has 3. Lower ways, shots or queries, or add rows.");
    }

    [TestMethod]
    public void Labels_may_be_texts()
    {
        var data = new HandWrittenView(
            HandWrittenColumn.Vectors("Features", Clusters.Features(3, 6, 4)),
            HandWrittenColumn.Text("Label", [.. Clusters.Labels(3, 6).Select(index => $"word{index}")]));
        using PrototypicalNetworkTransformer network = Identity(4);
        FewShotMetrics metrics = _ml.MulticlassClassification.EvaluateFewShot(data, network, ways: 3, episodes: 20);
        CollectionAssert.AreEqual(new[] { "word0", "word1", "word2" }, metrics.PerClass.Select(entry => entry.ClassName).ToArray());
    }

    [TestMethod]
    public void The_seed_draws_the_episodes()
    {
        using PrototypicalNetworkTransformer network = Identity(4);
        HandWrittenView data = Alike(8, 10);
        Assert.AreEqual(Accuracy(_ml, 3), Accuracy(new MLContext(seed: 2), 3));
        Assert.AreEqual(Accuracy(_ml, 3), Accuracy(new MLContext(seed: 3), null));
        Assert.AreNotEqual(Accuracy(_ml, 3), Accuracy(_ml, 4));

        double Accuracy(MLContext ml, int? seed) => ml.MulticlassClassification.EvaluateFewShot(data, network, episodes: 40, seed: seed).MeanAccuracy;
    }

    [TestMethod]
    public void The_classes_that_the_network_knows_do_not_matter()
    {
        HandWrittenView data = Alike(8, 10);
        using PrototypicalNetworkTransformer network = Identity(4),
            other = network.AddClass("more", new HandWrittenView(HandWrittenColumn.Vectors("Features", [9, 9, 9, 9])));
        Assert.AreEqual(
            _ml.MulticlassClassification.EvaluateFewShot(data, network, episodes: 20).MeanAccuracy,
            _ml.MulticlassClassification.EvaluateFewShot(data, other, episodes: 20).MeanAccuracy);
    }

    [TestMethod]
    public void Numbers_that_are_too_small_are_refused()
    {
        HandWrittenView data = Alike(8, 10);
        using PrototypicalNetworkTransformer network = Identity(4);
        MulticlassClassificationCatalog catalog = _ml.MulticlassClassification;
        Assert.AreEqual("ways", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.EvaluateFewShot(data, network, ways: 1)).ParamName);
        Assert.AreEqual("shots", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.EvaluateFewShot(data, network, shots: 0)).ParamName);
        Assert.AreEqual("queries", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.EvaluateFewShot(data, network, queries: 0)).ParamName);
        Assert.AreEqual("episodes", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => catalog.EvaluateFewShot(data, network, episodes: 0)).ParamName);
        Assert.AreEqual("data", Assert.ThrowsExactly<ArgumentNullException>(() => catalog.EvaluateFewShot(null!, network)).ParamName);
        Assert.AreEqual("transformer", Assert.ThrowsExactly<ArgumentNullException>(() => catalog.EvaluateFewShot(data, null!)).ParamName);
        AssertMessage<ArgumentOutOfRangeException>(
            () => catalog.EvaluateFewShot(Clusters.Keyed(8, 10, 3), network),
            "Column 'Features' must be a vector of Single of length 4, but is Vector<Single, 3>.");
        AssertMessage<ArgumentOutOfRangeException>(
            () => catalog.EvaluateFewShot(new HandWrittenView(HandWrittenColumn.Vectors("Features", [1, 2, 3, 4])), network),
            "Column 'Label' is missing; the columns are 'Features'.");
    }

    private PrototypicalNetworkTransformer Identity(int size, Distance distance = Distance.SquaredEuclidean) =>
        IdentityNetwork.Create(_ml, distance, ("a", [.. Enumerable.Repeat(0f, size)]), ("b", [.. Enumerable.Repeat(1f, size)]));

    // Rows that have nothing to do with their labels.
    private static HandWrittenView Alike(int classes, int rows) => new(
        HandWrittenColumn.Vectors("Features", Clusters.Features(1, classes * rows, 4, spread: 1)),
        HandWrittenColumn.Keys("Label", [.. Clusters.Labels(classes, rows).Select(index => (uint)index + 1)]));

    private static void AssertMessage<TException>(Action action, string message)
        where TException : Exception
    {
        var exception = Assert.ThrowsExactly<TException>(action);
        StringAssert.StartsWith(exception.Message, message, StringComparison.Ordinal);
    }
}
