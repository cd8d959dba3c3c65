using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Scoring;

/// <summary>ML.NET's permutation feature importance of the package's models: the first two of four features say all.</summary>
[TestClass]
public sealed class FeatureImportanceTests
{
    private const int Size = 4;

    private static readonly Type[] Bases = [typeof(NetworkTransformer), typeof(SeriesTransformer), typeof(AnomalyTransformer)];

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Classifiers_have_importances_by_the_names_of_their_features()
    {
        MemoryView rows = Rows();
        foreach (IEstimator<ITransformer> estimator in (IEstimator<ITransformer>[])
            [
                _ml.MulticlassClassification.Trainers.PrototypicalNetwork(
                    options: new() { HiddenUnits = [8], EmbeddingSize = 4, Ways = 2, Shots = 3, QueriesPerClass = 3, Episodes = 200 }),
                _ml.MulticlassClassification.Trainers.BornAgainNetwork(options: new() { HiddenUnits = [8], Generations = 1, Epochs = 20, BatchSize = 10 }),
                _ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(),
            ])
        {
            ITransformer model = estimator.Fit(rows),
                chain = new TransformerChain<ITransformer>(model, _ml.Transforms.CopyColumns("Other", "Score").Fit(model.Transform(rows)));
            AssertImportances(_ml.MulticlassClassification.PermutationFeatureImportance(model, rows), metrics => metrics.MicroAccuracy.Mean);
            AssertImportances(_ml.MulticlassClassification.PermutationFeatureImportance(chain, rows), metrics => metrics.MicroAccuracy.Mean);
        }
    }

    [TestMethod]
    public void The_typed_call_takes_each_classifier_and_regressor()
    {
        MemoryView rows = Rows();
        using PrototypicalNetworkTransformer network = _ml.MulticlassClassification.Trainers.PrototypicalNetwork(
            options: new() { HiddenUnits = [8], EmbeddingSize = 4, Ways = 2, Shots = 3, QueriesPerClass = 3, Episodes = 200 }).Fit(rows);
        ImmutableArray<MulticlassClassificationMetricsStatistics> importances = _ml.MulticlassClassification.PermutationFeatureImportance(network, rows);
        Assert.HasCount(Size, importances);
        Assert.IsLessThan(-0.1, importances[0].MicroAccuracy.Mean);
        using BinaryDistillationTransformer student = _ml.BinaryClassification.Trainers.Distillation(
            _ml.BinaryClassification.Trainers.SdcaLogisticRegression("Flag").Fit(rows), "Flag",
            options: new() { HiddenUnits = [8], Epochs = 20, BatchSize = 10 }).Fit(rows);
        Assert.IsLessThan(-0.1, _ml.BinaryClassification.PermutationFeatureImportance(student, rows, "Flag")[0].Accuracy.Mean);
        AssertImportances(_ml.BinaryClassification.PermutationFeatureImportanceNonCalibrated(student, rows, "Flag"), metrics => metrics.Accuracy.Mean);
    }

    [TestMethod]
    public void Every_network_with_a_prediction_says_what_it_is_made_of()
    {
        Type[] predicting = [.. typeof(NetworkTransformer).Assembly.GetExportedTypes().Where(IsPredictor)];
        CollectionAssert.AreEquivalent(
            typeof(NetworkTransformer).Assembly.GetExportedTypes()
                .Where(type => Bases.Any(type.IsSubclassOf) && !type.IsAbstract
                    && type.GetProperty("OutputColumnName") is null && type != typeof(CoordinatePainterTransformer)).ToArray(),
            predicting, "Classifiers, regressors and detectors on vectors, and no featurizers.");

        static bool IsPredictor(Type type) => type.GetInterfaces()
            .Any(
                face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(ISingleFeaturePredictionTransformer<>)
                    && face.GenericTypeArguments[0] == type);
    }

    [TestMethod]
    public void Learned_features_have_names_by_which_the_importances_of_ML_NET_models_are_called()
    {
        string[] texts = [.. Enumerable.Range(0, 40).Select(row => row % 2 == 0 ? "good fine nice" : "bad poor awful")];
        MemoryView rows = new([
            MemoryColumn.Texts("Text", texts),
            MemoryColumn.Values("Label", BooleanDataViewType.Instance, [.. Enumerable.Range(0, 40).Select(row => row % 2 == 0)])]);
        using FastTextTransformer words = _ml.Transforms.Text.FeaturizeTextWithFastText(
            "Features", "Text", new() { Dimension = 3, MinCount = 1, Epochs = 2, Buckets = 10 }).Fit(rows);
        using ElmoTransformer elmo = _ml.Transforms.Text.FeaturizeTextWithElmo(
            "Context", "Text",
            new()
            {
                ProjectionSize = 8,
                CellSize = 8,
                FilterWidths = [1],
                FilterCounts = [4],
                Epochs = 1,
                Pooling = Pooling.FirstLast,
                Representation = ElmoRepresentation.AllLayers,
            })
            .Fit(rows);
        IDataView featurized = elmo.Transform(words.Transform(rows));
        CollectionAssert.AreEqual(new[] { "dimension 0", "dimension 1", "dimension 2" }, Names(featurized, "Features"));
        string[] context = Names(featurized, "Context");
        Assert.AreEqual("first token: layer 0 forward 0", context[0]);
        Assert.AreEqual("last token: layer 2 backward 7", context[^1]);
        Assert.HasCount(context.Length, context.Distinct());
        IDataView both = _ml.Transforms.Concatenate("Both", "Features", "Context").Fit(featurized).Transform(featurized);
        ITransformer model = _ml.BinaryClassification.Trainers.LbfgsLogisticRegression(featureColumnName: "Both").Fit(both);
        Assert.Contains("Features.dimension 1", _ml.BinaryClassification.PermutationFeatureImportanceNonCalibrated(model, both).Keys);
    }

    private static string[] Names(IDataView view, string column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        view.Schema[column].GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    [TestMethod]
    public void The_column_and_its_type_are_said()
    {
        using PrototypicalNetworkTransformer network = _ml.MulticlassClassification.Trainers.PrototypicalNetwork(
            options: new() { HiddenUnits = [8], EmbeddingSize = 4, Ways = 2, Shots = 3, QueriesPerClass = 3, Episodes = 1 }).Fit(Rows());
        AssertSaid(network, network);

        static void AssertSaid<T>(ISingleFeaturePredictionTransformer<T> prediction, T model)
            where T : class
        {
            Assert.AreSame(model, prediction.Model);
            Assert.AreEqual("Features", prediction.FeatureColumnName);
            Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, Size), prediction.FeatureColumnType);
        }
    }

    private static void AssertImportances<T>(ImmutableDictionary<string, T> importances, Func<T, double> loss)
    {
        CollectionAssert.AreEquivalent(new[] { "width", "height", "noise", "more noise" }, importances.Keys.ToArray());
        Assert.IsLessThan(-0.1, loss(importances["width"]));
        Assert.IsGreaterThan(-0.1, loss(importances["noise"]));
        Assert.IsGreaterThan(-0.1, loss(importances["more noise"]));
    }

    // Three classes by the first two numbers.
    private static MemoryView Rows()
    {
        const int Count = 90;
        var random = new Random(1);
        float[][] features = [.. Enumerable.Range(0, Count).Select(row => new[]
        {
            (row % 3 == 0 ? 1 : -1) + (0.1f * random.NextSingle()),
            (row % 3 == 1 ? 1 : -1) + (0.1f * random.NextSingle()),
            0.2f * random.NextSingle(),
            0.2f * random.NextSingle(),
        })];
        var vectors = MemoryColumn.Vectors("Features", features);
        return new([
            MemoryColumn.Keys("Label", [.. Enumerable.Range(0, Count).Select(row => (uint)(row % 3) + 1)], "a", "b", "c"),
            MemoryColumn.Values("Flag", BooleanDataViewType.Instance, [.. Enumerable.Range(0, Count).Select(row => row % 3 == 0)]),
            vectors.WithSlotNames("width", "height", "noise", "more noise"),
        ]);
    }
}
