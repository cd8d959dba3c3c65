using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Onnx;

/// <summary>Whole chains as one file, by ML.NET's own converter.</summary>
[TestClass]
public sealed class OnnxChainTests
{
    private const int Size = 8;

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Normalizer_network_and_names_are_one_model()
    {
        IDataView rows = Rows();
        TransformerChain<ITransformer> chain = Chain(
            _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.Transforms.NormalizeMinMax("Features")).Append(Network())
                .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")), rows);
        OnnxChecks.AssertChain(_ml, chain, rows);
        OnnxChecks.AssertChain(_ml, Reload(chain, rows), rows);
        var taught = (PrototypicalNetworkTransformer)chain.ElementAt(2);
        using PrototypicalNetworkTransformer others = taught.WithSupport(chain.ElementAt(1).Transform(chain.First().Transform(rows)));
        IDataView normalized = _ml.Transforms.NormalizeMinMax("Features").Fit(rows).Transform(rows);
        OnnxChecks.AssertChain(_ml, others, MemoryView.Of(normalized));
    }

    [TestMethod]
    public void A_network_stands_in_the_middle_of_a_chain_and_before_another()
    {
        IDataView rows = Rows();
        IEstimator<ITransformer> featurizer = _ml.Transforms.FeaturizeWithCactus("Code", "Features", Clusters());
        OnnxChecks.AssertChain(_ml, Chain(featurizer.Append(_ml.Transforms.Concatenate("Both", "Code", "Features")).Append(
            _ml.Transforms.Conversion.MapValueToKey("Label")).Append(_ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(
                featureColumnName: "Both", maximumNumberOfIterations: 5)), rows), rows);
        OnnxChecks.AssertChain(_ml, Chain(featurizer.Append(_ml.Transforms.Conversion.MapValueToKey("Label")).Append(Network("Code")), rows), rows);
    }

    [TestMethod]
    public void A_column_that_a_network_hides_has_its_values_from_the_network()
    {
        IDataView rows = Rows();
        OnnxChecks.AssertChain(_ml, Chain(_ml.Transforms.FeaturizeWithCactus("Features", "Features", Clusters()), rows), rows);
    }

    [TestMethod]
    public void Vectors_may_have_dimensions()
    {
        MemoryView plain = MemoryView.Of(Rows());
        MemoryView rows = plain.With(plain.Columns.Single(column => column.Name == "Features").WithDimensions([1, 2, 4]));
        // Without a normalizer before it: the converter's own step takes vectors of one dimension only.
        OnnxChecks.AssertChain(_ml, Chain(_ml.MulticlassClassification.Trainers.CoordConvNet(
            "Key", "Features", new() { ImageShape = new(1, 2, 4), HiddenChannels = [2], Epochs = 1, BatchSize = 6 }), rows), rows);
    }

    [TestMethod]
    public void A_column_of_a_hidden_step_is_refused_by_name()
    {
        IDataView rows = Rows();
        ITransformer custom = _ml.Transforms.CustomMapping<Vector, Doubled>(
            (input, output) => output.Twice = [.. input.Features.Select(value => 2 * value)], null)
            .Fit(rows);
        IDataView seen = custom.Transform(rows);
        AssertRefused(new TransformerChain<ITransformer>(custom, Chain(Network("Twice", "Key"), seen)), rows, "column 'Twice', which it reads");
    }

    [TestMethod]
    public void Pictures_are_refused_by_name()
    {
        MemoryView rows =
            new([MemoryColumn.Keys("Label", [1, 2, 1, 2], "a", "b"), MemoryColumn.Objects("Image", new Microsoft.ML.Transforms.Image.ImageDataViewType(4, 4),
            Enumerable.Range(0, 4).Select(_ => MLImage.CreateFromPixels(4, 4, MLPixelFormat.Bgra32, new byte[64])).ToArray())]);
        using CoordConvNetTransformer network = _ml.MulticlassClassification.Trainers.CoordConvNet(
            "Label", "Image", new() { ImageShape = new(3, 4, 4), HiddenChannels = [2], Epochs = 1, BatchSize = 2 }).Fit(rows);
        AssertRefused(network, rows, "column 'Image' has pictures");
    }

    [TestMethod]
    public void A_text_column_that_is_replaced_is_not_written_as_it_was()
    {
        MemoryView rows = new([MemoryColumn.Texts("Text", ["one two", "two three", "three one", "one one two"])]);
        using FastTextTransformer words = _ml.Transforms.Text.FeaturizeTextWithFastText(
            "Text", "Text", new() { Dimension = 3, MinCount = 1, Epochs = 1, Buckets = 10 })
            .Fit(rows);
        AssertRefused(words, rows, "FastTextTransformer, which adds column 'Text'");
        using var stream = new MemoryStream();
        Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Model.ConvertToOnnx(words, rows, stream, "Text"));
        Assert.AreEqual(0, stream.Length);
    }

    [TestMethod]
    public void A_label_that_is_given_anew_is_written_as_it_is_given()
    {
        MemoryView rows = MemoryView.Of(Rows());
        int[] all = [.. Enumerable.Range(0, rows.Count)];
        uint[] keys = [.. rows.GetColumn<uint>("Key")];
        foreach (MemoryColumn label in (MemoryColumn[])
        [
            MemoryColumn.Texts("Label", all.Select(row => $"class {row % 4}")),
            MemoryColumn.Values("Label", NumberDataViewType.Single, [.. all.Select(row => (row % 4) - 1.5f)]),
            MemoryColumn.Values("Label", NumberDataViewType.Double, [.. all.Select(row => (row % 4) - 1.5)]),
            MemoryColumn.Values("Label", NumberDataViewType.Int32, [.. all.Select(row => 7 - (row % 4))]),
            MemoryColumn.Values("Label", BooleanDataViewType.Instance, [.. all.Select(row => row % 2 == 0)]),
        ])
        {
            MemoryView labelled = rows.With(label);
            TransformerChain<ITransformer> chain = Chain(_ml.Transforms.NormalizeMinMax("Features").Append(Network()), labelled);
            Assert.IsInstanceOfType<KeyDataViewType>(chain.Transform(labelled).Schema["Label"].Type);
            OnnxChecks.AssertChain(_ml, chain, labelled);
        }

        TransformerChain<ITransformer> keyed = Chain(Network(label: "Key"), rows);
        OnnxChecks.AssertChain(_ml, keyed, rows.With(MemoryColumn.Keys("Key", [.. keys.Select(key => 5 - key)], "d", "c", "b", "a")));
    }

    [TestMethod]
    public void Older_operators_are_refused()
    {
        IDataView rows = Rows();
        TransformerChain<ITransformer> chain = Chain(Network(label: "Key"), rows);
        using var stream = new MemoryStream();
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.ConvertToOnnx(chain, rows, 11, stream));
        Assert.Contains("12", refusal.Message);
    }

    private void AssertRefused(ITransformer chain, IDataView rows, string said)
    {
        using var stream = new MemoryStream();
        var refusal = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Model.ConvertToOnnx(chain, rows, stream));
        Assert.Contains("ConvertToOnnx cannot write", refusal.Message);
        Assert.Contains(said, refusal.Message);
        Assert.AreEqual(0, stream.Length);
    }

    private PrototypicalNetworkTrainer Network(
        string features = "Features", string label = "Label") => _ml.MulticlassClassification.Trainers.PrototypicalNetwork(
        label, features, new() { HiddenUnits = [6], EmbeddingSize = 5, Ways = 3, Shots = 1, QueriesPerClass = 2, Episodes = 3 });

    private static CactusOptions Clusters() => new()
    {
        EmbeddingSize = 4,
        Clusters = 4,
        Partitions = 2,
        MinimumUsableClusters = 0.4,
        Ways = 2,
        Shots = 1,
        QueriesPerClass = 1,
        Steps = 3,
        HiddenUnits = [5],
        FeatureCount = Size,
    };

    private static TransformerChain<ITransformer> Chain(IEstimator<ITransformer> estimator, IDataView rows) =>
        estimator.Fit(rows) is var fitted && fitted is IEnumerable<ITransformer> steps ? new([.. steps]) : new(fitted);

    private TransformerChain<ITransformer> Reload(TransformerChain<ITransformer> chain, IDataView rows)
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(chain, rows.Schema, stream);
        stream.Position = 0;
        return (TransformerChain<ITransformer>)_ml.Model.Load(stream, out _);
    }

    private static MemoryView Rows()
    {
        const int Count = 24, Classes = 4;
        var random = new Random(1);
        return new([
            MemoryColumn.Texts("Label", Enumerable.Range(0, Count).Select(row => $"class {row % Classes}")),
            MemoryColumn.Keys("Key", [.. Enumerable.Range(0, Count).Select(row => (uint)(row % Classes) + 1)], "a", "b", "c", "d"),
            MemoryColumn.Vectors("Features", [.. Enumerable.Range(0, Count).Select(_ => Enumerable.Range(0, Size).Select(_ => random.NextSingle()).ToArray())]),
        ]);
    }

    private sealed class Vector
    {
        [VectorType(Size)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Doubled
    {
        [VectorType(Size)]
        public float[] Twice { get; set; } = [];
    }
}
