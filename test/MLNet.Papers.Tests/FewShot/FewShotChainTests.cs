using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.PrototypicalNetworks;

namespace MLNet.Papers.Tests.FewShot;

/// <summary>A whole pipeline is taught classes: the new rows go the way of all rows, and no label is lost in a mapping of the fit.</summary>
[TestClass]
public sealed class FewShotChainTests
{
    private const int Size = 3;

    private readonly MLContext _ml = new(seed: 1);

    private sealed class Row
    {
        [VectorType(Size)]
        public float[] Raw { get; set; } = [];

        public string Label { get; set; } = "";

        public string Colour { get; set; } = "";
    }

    private sealed class Prediction
    {
        public string Predicted { get; set; } = "";
    }

    [TestMethod]
    public void The_rows_of_a_support_set_go_through_the_earlier_steps()
    {
        TransformerChain<ITransformer> taught = Fitted().WithSupport(Rows("new", 1));
        AssertKnows(taught, Rows("new", 5));
        AssertKnows(Reloaded(taught), Rows("new", 5));
        // Rows that were not normalized would lie elsewhere: the classifier alone, taught the raw values, is wrong about normalized ones.
        CollectionAssert.AreEqual(new[] { "new0", "new1", "new2", "new3" }, Classifier(taught).ClassNames.ToArray());
    }

    [TestMethod]
    public void A_loaded_chain_is_taught()
    {
        AssertKnows(Reloaded(Fitted()).WithSupport(Rows("new", 1)), Rows("new", 5));
        AssertKnows(Reloaded(Reloaded(Fitted()).WithSupport(Rows("new", 1))).WithSupport(Rows("newer", 2)), Rows("newer", 5));
    }

    [TestMethod]
    public void Classes_are_added_and_removed()
    {
        TransformerChain<ITransformer> taught = Fitted().WithSupport(Rows("new", 1, classes: 2));
        IDataView third = _ml.Data.LoadFromEnumerable(List("new", 1, classes: 3).Where(row => row.Label == "new2"));
        TransformerChain<ITransformer> wider = Reloaded(taught.AddClass("new2", third));
        AssertKnows(wider, Rows("new", 5, classes: 3));
        AssertKnows(wider.RemoveClass("new0"), _ml.Data.LoadFromEnumerable(List("new", 5, classes: 3).Where(row => row.Label != "new0")));
        AssertKnows(taught, Rows("new", 5, classes: 2));
    }

    [TestMethod]
    public void A_prediction_engine_gives_the_new_names()
    {
        TransformerChain<ITransformer> taught = Fitted().WithSupport(Rows("new", 1));
        using PredictionEngine<Row, Prediction> engine = _ml.Model.CreatePredictionEngine<Row, Prediction>(taught, new PredictionEngineOptions
        {
            OwnsTransformer = false,
        });
        foreach (Row row in List("new", 2, classes: 4))
            Assert.AreEqual(row.Label, engine.Predict(new Row { Raw = row.Raw }).Predicted);
    }

    [TestMethod]
    public void A_mapping_of_several_columns_keeps_the_others()
    {
        IDataView rows = Rows("old", 6);
        TransformerChain<ITransformer> chain = new(
            _ml.Transforms.Conversion.MapValueToKey([new InputOutputColumnPair("Label"), new InputOutputColumnPair("Colour")])
                .Append(_ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Raw", Clusters.Quick())).Fit(rows));
        TransformerChain<ITransformer> taught = Reloaded(chain.WithSupport(Rows("new", 1)));
        IDataView scored = taught.Transform(Rows("new", 5));
        Assert.IsInstanceOfType<KeyDataViewType>(scored.Schema["Colour"].Type);
        AssertKnows(taught, Rows("new", 5));
    }

    [TestMethod]
    public void A_label_with_another_name_is_copied()
    {
        IDataView rows = Rows("old", 6);
        TransformerChain<ITransformer> chain = new(
            _ml.Transforms.Conversion.MapValueToKey("Key", "Label")
                .Append(_ml.MulticlassClassification.Trainers.PrototypicalNetwork("Key", "Raw", Clusters.Quick())).Fit(rows));
        TransformerChain<ITransformer> taught = Reloaded(chain.WithSupport(Rows("new", 1)));
        Assert.AreEqual(1, _ml.MulticlassClassification.Evaluate(taught.Transform(Rows("new", 5)), "Key").MicroAccuracy);
    }

    [TestMethod]
    public void A_classifier_alone_maps_the_labels_itself()
    {
        using PrototypicalNetworkTransformer model = _ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Raw", Clusters.Quick())
            .Fit(Rows("old", 6));
        using PrototypicalNetworkTransformer taught = model.WithSupport(Rows("new", 1));
        // The keys of another mapping: their order is that of the rows, the classifier's that of the names.
        IDataView rows = _ml.Data.LoadFromEnumerable(List("new", 5).OrderByDescending(row => row.Label));
        IDataView keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
        Assert.AreEqual(1, _ml.MulticlassClassification.Evaluate(taught.Transform(keyed)).MicroAccuracy);
        MulticlassClassificationMetrics metrics = _ml.MulticlassClassification.Evaluate(taught.Transform(rows));
        Assert.AreEqual(1, metrics.MicroAccuracy);
        StringAssert.Contains(metrics.ConfusionMatrix.GetFormattedConfusionTable(), "new3");
    }

    [TestMethod]
    public void Every_fold_of_a_cross_validation_maps_its_labels()
    {
        IDataView rows = _ml.Data.Cache(Rows("old", 12));
        var folds = _ml.MulticlassClassification.CrossValidate(
            rows, _ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Raw", Clusters.Quick()), numberOfFolds: 3);
        Assert.HasCount(3, folds);
        Assert.IsTrue(folds.All(fold => fold.Metrics.MicroAccuracy > 0.9), string.Join(" ", folds.Select(fold => fold.Metrics.MicroAccuracy)));
    }

    [TestMethod]
    public void Unlabelled_rows_become_features_and_then_a_classifier()
    {
        IDataView rows = Rows("old", 10);
        TransformerChain<ITransformer> chain = new(_ml.Transforms.NormalizeMinMax("Features", "Raw").Append(
            _ml.Transforms.FeaturizeWithCactus("Learned", "Features", new()
            {
                Clusters = 4,
                Partitions = 2,
                Ways = 3,
                QueriesPerClass = 2,
                Steps = 20,
                EmbeddingSize = 2,
                HiddenUnits = [8],
                FeatureCount = 4,
                MinimumUsableClusters = 0.3,
            })).Fit(rows));
        AssertKnows(Reloaded(chain.WithSupport(Rows("new", 2))), Rows("new", 5), orMore: 0.8);
        Assert.ThrowsExactly<ArgumentException>(() => chain.AddClass("new", rows));
    }

    [TestMethod]
    public void What_cannot_be_taught_says_so()
    {
        IDataView rows = Rows("old", 6);
        TransformerChain<ITransformer> none = new(_ml.Transforms.NormalizeMinMax("Features", "Raw").Fit(rows));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => none.WithSupport(rows)).Message, "one few-shot classifier");
        TransformerChain<ITransformer> chain = Fitted();
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => chain.WithSupport(rows, "Colour")).Message, "'Label'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.WithSupport(_ml.Transforms.DropColumns("Label").Fit(rows).Transform(rows))).Message,
            "'Label'");
    }

    private static PrototypicalNetworkTransformer Classifier(TransformerChain<ITransformer> chain) =>
        chain.OfType<PrototypicalNetworkTransformer>().Single();

    private TransformerChain<ITransformer> Fitted()
    {
        // A nested chain, as it comes of pipelines that are appended to each other.
        var names = _ml.Transforms.NormalizeMinMax("Features", "Raw").Append(_ml.Transforms.Conversion.MapValueToKey("Label"));
        var network = _ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Features", Clusters.Quick())
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel"));
        return new(names.Append(network).Fit(Rows("old", 6)));
    }

    private void AssertKnows(TransformerChain<ITransformer> chain, IDataView rows, double orMore = 1) =>
        Assert.IsGreaterThanOrEqualTo(orMore, _ml.MulticlassClassification.Evaluate(chain.Transform(rows)).MicroAccuracy);

    private TransformerChain<ITransformer> Reloaded(TransformerChain<ITransformer> chain)
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(chain, Rows("old", 1).Schema, stream);
        stream.Position = 0;
        return (TransformerChain<ITransformer>)new MLContext(seed: 1).Model.Load(stream, out _);
    }

    private IDataView Rows(string prefix, int each, int classes = 4) => _ml.Data.LoadFromEnumerable(List(prefix, each, classes));

    private static List<Row> List(string prefix, int each, int classes = 4)
    {
        float[][] centres = [[90, 10, 10], [10, 90, 10], [10, 10, 90], [90, 90, 10]];
        var random = new Random(each);
        return [.. Enumerable.Range(0, classes * each).Select(row => new Row
        {
            Raw = [.. centres[row % classes].Select(value => value + random.Next(6))],
            Label = $"{prefix}{row % classes}",
            Colour = row % 2 == 0 ? "red" : "blue",
        })];
    }
}
