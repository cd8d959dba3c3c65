using Microsoft.ML;
using MLNet.Papers.FastText;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.FastText;
using MLNet.Papers.Tests.PrototypicalNetworks;

namespace MLNet.Papers.Tests.Options;

/// <summary>Sums and products of options do not wrap: the message has the true number.</summary>
/// <remarks>That the longest training is none that has ended before it began is a check of the contract.</remarks>
[TestClass]
public sealed class LargestNumberTests
{
    private static readonly MLContext Context = new(seed: 1);

    [TestMethod]
    public void The_rows_of_a_class_in_an_episode()
    {
        List<string> log = [];
        var ml = new MLContext(seed: 1);
        ml.Log += (_, entry) => log.Add(entry.RawMessage);
        ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: new() { Shots = 1 << 20, QueriesPerClass = 1 << 20, Episodes = 1 })
            .Fit(Clusters.Keyed(3, 4, 2)).Dispose();
        Assert.ContainsSingle(entry => entry.Contains("Shots + QueriesPerClass = 2097152 rows", StringComparison.Ordinal), log);
    }

    [TestMethod]
    public void The_rows_of_a_class_in_an_evaluation()
    {
        using PrototypicalNetworkTransformer network = Clusters.Fit(Context, Clusters.Keyed(3, 6, 4));
        AssertRefused(
            () => Context.MulticlassClassification.EvaluateFewShot(Clusters.Keyed(3, 6, 4), network, ways: 2, shots: int.MaxValue, queries: int.MaxValue),
            "shots + queries = 4294967294 rows");
    }

    [TestMethod]
    public void The_rows_of_a_task() => AssertRefused(
        () => Context.Transforms.FeaturizeWithCactus(
            "Learned", "Features", new() { Partitioning = CactusPartitioning.Hyperplanes, Ways = 1 << 20, Shots = 4095, QueriesPerClass = 1 })
            .Fit(Clusters.Keyed(3, 4, 2)),
        "Ways × (Shots + QueriesPerClass) = 4294967296 rows");

    [TestMethod]
    public void The_rows_of_word_vectors() => AssertRefused(
        () => Context.Transforms.Text.FeaturizeTextWithFastText("Vector", "Text", new() { MinCount = 1, Buckets = int.MaxValue })
            .Fit(new MemoryView([SmallCorpus.Texts(30)])),
        "Buckets");

    [TestMethod]
    public void The_outputs_of_word_vectors_and_those_of_the_threads() => AssertRefused(
        () => FastTextNetwork.Create(new FastTextOptions { Dimension = 2, MaxN = 0 }.ToArguments(), Words(), seed: 1, threads: int.MaxValue),
        "Threads");

    [TestMethod]
    public void The_negative_samples_of_a_word() => AssertRefused(
        () => FastTextNetwork
            .Create(new FastTextOptions { Dimension = 2, MaxN = 0, NegativeSamples = int.MaxValue }.ToArguments(), Words(), seed: 1, threads: 1)
            .CreateLearner(1, 0),
        "NegativeSamples = 2147483647");

    [TestMethod]
    public void The_time_that_remains()
    {
        Assert.AreEqual(TimeSpan.FromSeconds(30), TrainingProgress.RemainingAfter(TimeSpan.FromSeconds(10), 0.25));
        Assert.AreEqual(TimeSpan.MaxValue, TrainingProgress.RemainingAfter(TimeSpan.FromSeconds(10), 1.0 / ((double)int.MaxValue * int.MaxValue)));
        Assert.AreEqual(TimeSpan.Zero, TrainingProgress.RemainingAfter(TimeSpan.FromSeconds(10), 1));
        Assert.AreEqual(TimeSpan.Zero, TrainingProgress.RemainingAfter(TimeSpan.FromSeconds(10), 0));
    }

    private static FastTextDictionary Words() =>
        new(
            [new DictionaryEntry("one"u8.ToArray(), 2, false), new DictionaryEntry("two"u8.ToArray(), 1, false)], 3,
            new FastTextOptions { Dimension = 2, MaxN = 0 }.ToArguments());

    private static void AssertRefused(Action action, string message) =>
        Assert.Contains(message, Assert.ThrowsExactly<InvalidOperationException>(action).Message);
}
