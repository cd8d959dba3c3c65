using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Distillation;
using MLNet.Papers.Tests.FastText;
using MLNet.Papers.Tests.PrototypicalNetworks;

namespace MLNet.Papers.Tests.Training;

/// <summary>What does not fit into memory is refused before any is taken, in words that name options and bytes.</summary>
[TestClass]
public sealed class TrainingMemoryTests
{
    private static readonly MLContext Ml = new(seed: 1);

    [TestMethod]
    public void A_perceptron_that_does_not_fit_is_refused() => AssertRefused(
        "Ways = 20, Shots = 1, QueriesPerClass = 1, Filters = 64, Blocks = 4, HiddenUnits = [65536, 65536, 65536, 65536]",
        () => Ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: new() { HiddenUnits = [65536, 65536, 65536, 65536], QueriesPerClass = 1 })
            .Fit(Clusters.Keyed(3, 4, 4)));

    [TestMethod]
    public void A_student_that_does_not_fit_is_refused() => AssertRefused(
        "HiddenUnits = [65536, 65536, 65536, 65536]",
        () => Ml.MulticlassClassification.Trainers.BornAgainNetwork(options: new() { HiddenUnits = [65536, 65536, 65536, 65536] }).Fit(Lessons.Rows()));

    [TestMethod]
    public void A_convolution_whose_rows_cannot_be_scored_is_refused()
    {
        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Ml.MulticlassClassification.Trainers
                .CoordConvNet("Label", "Features", new() { ImageShape = new(1, 2048, 2048), HiddenChannels = [1024, 1024] })
                .Fit(Large()));
        Assert.Contains("CoordConvNetOptions describe a network of which", error.Message);
    }

    [TestMethod]
    public void Inner_steps_whose_graphs_do_not_fit_are_refused() => AssertRefused(
        "InnerSteps = 1000",
        () => Ml.MulticlassClassification.Trainers.Maml(options: new() { HiddenUnits = [65536], InnerSteps = 1000, Shots = 20, QueriesPerClass = 20 })
            .Fit(Clusters.Keyed(20, 40, 4)));

    [TestMethod]
    [DataRow(int.MaxValue, 100)]
    [DataRow(600_000, 4096)]
    public void Buckets_that_do_not_fit_are_refused(int buckets, int dimension)
    {
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Ml.Transforms.Text.FeaturizeTextWithFastText("Features", "Text", new() { Buckets = buckets, Dimension = dimension, MinCount = 1 })
                .Fit(new MemoryView([SmallCorpus.Texts(30)])));
        Assert.Contains("Buckets", error.Message);
        Assert.Contains("Dimension", error.Message);
    }

    private static void AssertRefused(string options, Action fit)
    {
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(fit);
        Assert.Contains(options, error.Message, error.Message);
        Assert.Contains(" bytes for ", error.Message);
        Assert.Contains("but this process may have", error.Message);
    }

    private static MemoryView Large() => new(
    [
        MemoryColumn.Vectors("Features", [.. Enumerable.Range(0, 2).Select(_ => new float[2048 * 2048])]),
        MemoryColumn.Keys("Label", [1, 2], "one", "two"),
    ]);
}
