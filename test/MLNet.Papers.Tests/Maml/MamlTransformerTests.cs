using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.Maml;

/// <summary>What a user does with a network that MAML trained.</summary>
[TestClass]
public sealed class MamlTransformerTests
{
    private static readonly MLContext Ml = new(seed: 1);

    private static readonly Lazy<MamlTransformer> Trained = new(() => Fit(Clusters.Keyed(12, 8, 6, seed: 3, spread: 0.2)));

    [TestMethod]
    public void New_classes_are_learned_from_few_examples()
    {
        FewShotMetrics metrics = Ml.MulticlassClassification.EvaluateFewShot(
            Clusters.Keyed(8, 10, 6, seed: 9, spread: 0.2), Trained.Value, ways: 3, shots: 2, queries: 3, episodes: 40, seed: 1);
        Assert.IsGreaterThan(0.8, metrics.MeanAccuracy);
    }

    [TestMethod]
    public void Classes_are_added_and_removed_and_survive_a_file()
    {
        IDataView support = View(Clusters.Features(3, 4, 6, seed: 21, spread: 0.1), row => $"class{row % 3}");
        using MamlTransformer three = Trained.Value.WithSupport(support);
        CollectionAssert.AreEqual(new[] { "class0", "class1", "class2" }, three.ClassNames.ToArray());
        float[][] fourth = [.. Enumerable.Repeat(new float[] { 3, -3, 3, -3, 3, -3 }, 2)];
        using MamlTransformer four = three.AddClass("more", View(fourth, _ => "more"));
        CollectionAssert.AreEqual(new[] { "class0", "class1", "class2", "more" }, four.ClassNames.ToArray());
        Assert.AreEqual("more", Predict(four, fourth)[0]);
        using MamlTransformer again = four.RemoveClass("more");
        CollectionAssert.AreEqual(Scores(three, support), Scores(again, support));

        using var stream = new MemoryStream();
        Ml.Model.Save(four, inputSchema: null, stream);
        stream.Position = 0;
        using var loaded = (MamlTransformer)new MLContext().Model.Load(stream, out _);
        CollectionAssert.AreEqual(Scores(four, support), Scores(loaded, support));
        using MamlTransformer reduced = loaded.RemoveClass("class1");
        CollectionAssert.AreEqual(new[] { "class0", "class2", "more" }, reduced.ClassNames.ToArray());
        Assert.ThrowsExactly<ArgumentException>(() => four.AddClass("more", support));
        Assert.ThrowsExactly<ArgumentException>(() => four.RemoveClass("none"));
        using MamlTransformer two = reduced.RemoveClass("class2");
        Assert.ThrowsExactly<InvalidOperationException>(() => two.RemoveClass("class0"));
    }

    [TestMethod]
    public void A_class_without_examples_has_probability_0_until_it_gets_some()
    {
        float[][] features = Clusters.Features(2, 3, 6, seed: 5, spread: 0.1);
        var support = new HandWrittenView(
            HandWrittenColumn.Vectors("Features", features),
            HandWrittenColumn.Keys("Label", [.. Clusters.Labels(2, 3).Select(index => index == 0 ? 1u : 3u)], ["first", "empty", "last"]));
        using MamlTransformer model = Trained.Value.WithSupport(support);
        foreach (float[] scores in RowScores(model, support))
        {
            Assert.AreEqual(0f, scores[1]);
            Assert.AreEqual(1, scores.Sum(), 1e-5);
        }

        float[][] rows = [[4, 4, 4, -4, -4, -4]];
        using MamlTransformer filled = model.AddClass("empty", View(rows, _ => "empty"));
        CollectionAssert.AreEqual(new[] { "first", "empty", "last" }, filled.ClassNames.ToArray());
        Assert.AreEqual("empty", Predict(filled, rows)[0]);
    }

    [TestMethod]
    public void Bad_supports_are_refused()
    {
        float[][] rows = Clusters.Features(2, 2, 6);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Trained.Value.WithSupport(View(rows, _ => "one"))).Message,
            "'Label' of a support set must have rows of at least 2 classes, but has rows of 1", StringComparison.Ordinal);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Trained.Value.WithSupport(View(rows, row => row == 0 ? "" : $"class{row}"))).Message,
            "is missing in 1 of 4", StringComparison.Ordinal);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trained.Value.WithSupport(View(Clusters.Features(2, 2, 5), row => $"class{row}")));
        float[][] huge = [.. rows.Select(row => row.Select(value => value > 0 ? float.MaxValue : float.MinValue).ToArray())];
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Trained.Value.WithSupport(View(huge, row => $"class{row % 2}"))).Message,
            "lead to weights that are not finite", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_perceptron_needs_a_hidden_layer() =>
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Ml.MulticlassClassification.Trainers.Maml(options: new() { HiddenUnits = [] })).Message,
            "MamlOptions.HiddenUnits must have at least one layer for MAML, but has none.", StringComparison.Ordinal);

    private static MamlTransformer Fit(IDataView data) => Ml.MulticlassClassification.Trainers.Maml(options: new()
    {
        HiddenUnits = [16],
        Ways = 3,
        Shots = 2,
        QueriesPerClass = 4,
        Steps = 60,
        InnerSteps = 2,
        InnerLearningRate = 0.2,
        AdaptationSteps = 10,
        TasksPerStep = 4,
        LearningRate = 0.01,
    }).Fit(data);

    private static IDataView View(float[][] features, Func<int, string> label) =>
        Ml.Data.LoadFromEnumerable(features.Select((row, i) => new Row { Features = row, Label = label(i) }), Schema(features[0].Length));

    private static SchemaDefinition Schema(int size)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, size);
        return schema;
    }

    private static float[] Scores(ITransformer model, IDataView data) => [.. RowScores(model, data).SelectMany(scores => scores)];

    private static float[][] RowScores(ITransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float[]>("Score")];

    private static string[] Predict(FewShotTransformer model, float[][] rows) =>
        [.. model.Transform(View(rows, _ => "")).GetColumn<uint>("PredictedLabel").Select(key => model.ClassNames[(int)key - 1])];

    private sealed class Row
    {
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
