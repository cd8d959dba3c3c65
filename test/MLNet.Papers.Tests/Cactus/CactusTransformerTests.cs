using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Tests.Scoring;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.Cactus;

/// <summary>What a user does with CACTUs, and what goes wrong.</summary>
[TestClass]
public sealed class CactusTransformerTests
{
    private static readonly MLContext Ml = new(seed: 1);

    [TestMethod]
    [DataRow(CactusLearner.PrototypicalNetwork)]
    [DataRow(CactusLearner.Maml)]
    public void Classes_are_taught_saved_loaded_and_extended(CactusLearner learner)
    {
        HandWrittenView unlabelled = Clusters.Keyed(8, 10, 8, spread: 0.1);
        CactusOptions options = Options();
        options.Learner = learner;
        using CactusTransformer cactus = Ml.Transforms.FeaturizeWithCactus("Learned", "Features", options).Fit(unlabelled);
        using var loaded = (CactusTransformer)Reload(cactus);
        Assert.AreEqual(
            (learner, "Features", "Learned", (string?)null), (loaded.Learner, loaded.InputColumnName, loaded.OutputColumnName, loaded.EmbeddingColumnName));
        HandWrittenView support = Clusters.Keyed(3, 3, 8, seed: 6);
        using FewShotTransformer classifier = loaded.WithSupport(support);
        CollectionAssert.AreEqual(new[] { "class0", "class1", "class2" }, classifier.ClassNames.ToArray());
        using var again = (FewShotTransformer)Reload(classifier);
        CollectionAssert.AreEqual(Keys(classifier, support), Keys(again, support));
        Assert.IsGreaterThan(0.9, Keys(again, support).Zip(Clusters.Labels(3, 3), (key, index) => key == index + 1 ? 1.0 : 0).Average());
        using FewShotTransformer fewer = again.RemoveClass("class1");
        CollectionAssert.AreEqual(new[] { "class0", "class2" }, fewer.ClassNames.ToArray());
        using FewShotTransformer more = fewer.AddClass("new", Clusters.Keyed(2, 1, 8, seed: 44));
        CollectionAssert.AreEqual(new[] { "class0", "class2", "new" }, more.ClassNames.ToArray());
    }

    [TestMethod]
    public void The_tasks_to_look_at_are_those_that_a_fit_begins_with()
    {
        CactusEstimator estimator = Ml.Transforms.FeaturizeWithCactus("Learned", "Features", Options());
        HandWrittenView rows = Clusters.Keyed(8, 10, 8, spread: 0.1);
        IReadOnlyList<CactusTask> tasks = estimator.ConstructTasks(rows, 4), again = estimator.ConstructTasks(rows, 4);
        foreach ((CactusTask task, CactusTask same) in tasks.Zip(again))
        {
            Assert.HasCount(3, task.Support);
            int[] all = [.. task.Support.Concat(task.Queries).SelectMany(members => members)];
            Assert.HasCount(3 * (1 + 2), all.Distinct().ToArray());
            CollectionAssert.AreEqual(all, same.Support.Concat(same.Queries).SelectMany(members => members).ToArray());
        }

        // Clusters of far blobs are the blobs: support and queries of a pretended class are of one true class.
        Assert.IsGreaterThan(
            0.7, tasks.SelectMany(task => task.Support.Zip(task.Queries)).Average(pair => pair.Second.All(row => row % 8 == pair.First[0] % 8) ? 1.0 : 0));
    }

    [TestMethod]
    public void Too_few_rows_are_an_error_before_any_work()
    {
        Assert.AreEqual(
            "There must be at least 4 rows, for 2 clusters with 2 rows each, one as support and one as query, but there are 3. Add rows.",
            Refuse(Options(), Clusters.Keyed(3, 1, 8)).Message);
        CactusOptions options = Options();
        options.Partitioning = CactusPartitioning.Hyperplanes;
        Assert.AreEqual(
            "A task takes Ways × (Shots + QueriesPerClass) = 9 rows, but there are 8 rows. Lower an option or add rows.",
            Refuse(options, Clusters.Keyed(2, 4, 8)).Message);
    }

    [TestMethod]
    public void Fewer_rows_than_the_options_ask_for_give_smaller_tasks_and_warnings()
    {
        List<string> warnings = [];
        var ml = new MLContext(seed: 1);
        ml.Log += (_, entry) =>
        {
            if (entry.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(entry.RawMessage);
        };

        // 2 blobs of 4 rows: 8 clusters of 1 + 2 rows become 4 of 1 + 1, and at last 2, which are the blobs.
        IReadOnlyList<CactusTask> tasks = ml.Transforms.FeaturizeWithCactus("Learned", "Features", Options())
            .ConstructTasks(Clusters.Keyed(2, 4, 8, spread: 0.01), 3);
        foreach (CactusTask task in tasks)
        {
            Assert.IsTrue(task.Support.Count is 2 or 3);
            Assert.IsTrue(task.Support.Concat(task.Queries).All(members => members.Count == 1));
        }

        Assert.AreEqual("Shots + QueriesPerClass is 3, but there are 8 rows: tasks take 1 + 1 rows of a class. Add rows for more.", warnings[0]);
        StringAssert.StartsWith(warnings[1], "Clusters is 8, but 8 rows give ", StringComparison.Ordinal);
        warnings.Clear();
        CactusOptions options = Options();
        options.Clusters = 20;
        ml.Transforms.FeaturizeWithCactus("Learned", "Features", options).ConstructTasks(Clusters.Keyed(4, 10, 8), 1);
        StringAssert.StartsWith(warnings.Single(), "Clusters is 20, but 40 rows give ", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Rows_that_are_all_the_same_cannot_be_clustered()
    {
        var same = new HandWrittenView(HandWrittenColumn.Vectors("Features", [.. Enumerable.Repeat(new float[] { 1, 2, 3 }, 40)]));
        CactusOptions options = Options();
        options.EmbeddingColumnName = "Features";
        Assert.AreEqual(
            "All rows have the same embedding, so they cannot be clustered: column 'Features' must differ from row to row.", Refuse(options, same).Message);
    }

    [TestMethod]
    public void Options_that_contradict_each_other_are_refused()
    {
        AssertRefused("CactusOptions.Clusters must be at least Ways = 20, but was 10.", new() { Clusters = 10 });
        AssertRefused(
            "CactusOptions.Validation must be null: without labels there is nothing to validate on, and the number of steps is fixed in advance.",
            new() { Validation = Clusters.Keyed(2, 2, 2) });
        AssertRefused(
            "CactusOptions.HiddenUnits must have at least one layer for MAML, but has none.", new() { Learner = CactusLearner.Maml, HiddenUnits = [] });

        static void AssertRefused(string message, CactusOptions options) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Ml.Transforms.FeaturizeWithCactus("Learned", "Features", options)).Message,
            message,
            StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow(CactusEmbedding.Autoencoder)]
    [DataRow(CactusEmbedding.Acai)]
    public void An_autoencoder_learns_codes_that_keep_blobs_apart_in_any_unit(CactusEmbedding embedding)
    {
        // A code must tell 8 blobs apart: all rows of a cluster of codes are of one blob, or nearly.
        foreach (float unit in new[] { 1f, 255f })
        {
            float[][] features = [.. Clusters.Features(8, 10, 8, spread: 0.05).Select(row => row.Select(value => unit * value).ToArray())];
            CactusOptions options = Options();
            options.Embedding = embedding;
            options.EmbeddingEpochs = 20;
            options.EmbeddingSize = 6;
            IReadOnlyList<CactusTask> tasks = Ml.Transforms.FeaturizeWithCactus("Learned", "Features", options)
                .ConstructTasks(new HandWrittenView(HandWrittenColumn.Vectors("Features", features)), 10);
            Assert.IsGreaterThan(
                0.7, tasks.SelectMany(task => task.Support.Zip(task.Queries)).Average(pair => pair.Second.All(row => row % 8 == pair.First[0] % 8) ? 1.0 : 0));
        }
    }

    private static InvalidOperationException Refuse(CactusOptions options, IDataView rows)
    {
        options.Progress = new ProgressList(_ => Assert.Fail("Training has begun."));
        return Assert.ThrowsExactly<InvalidOperationException>(() => Ml.Transforms.FeaturizeWithCactus("Learned", "Features", options).Fit(rows));
    }

    private static CactusOptions Options() => new()
    {
        EmbeddingSize = 4,
        Clusters = 8,
        Partitions = 2,
        MinimumUsableClusters = 0.5,
        Ways = 3,
        QueriesPerClass = 2,
        Steps = 30,
        HiddenUnits = [16],
        FeatureCount = 8,
        LearningRate = 0.01,
        TasksPerStep = 2,
        InnerSteps = 2,
        InnerLearningRate = 0.2,
        AdaptationSteps = 15,
    };

    private static uint[] Keys(FewShotTransformer model, IDataView rows) => [.. model.Transform(rows).GetColumn<uint>("PredictedLabel")];

    private static ITransformer Reload(ITransformer model)
    {
        using var stream = new MemoryStream();
        Ml.Model.Save(model, inputSchema: null, stream);
        stream.Position = 0;
        return new MLContext().Model.Load(stream, out _);
    }
}
