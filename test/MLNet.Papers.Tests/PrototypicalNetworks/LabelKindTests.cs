using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.PrototypicalNetworks;

/// <summary>Every kind of label is learned, comes out as a key with the right values, and survives the .zip.</summary>
[TestClass]
public sealed class LabelKindTests
{
    private const int Classes = 3, Each = 6;

    private static readonly int[] Order = Clusters.Labels(Classes, Each);

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void A_key_with_text_values() => AssertLearned<ReadOnlyMemory<char>>(
        HandWrittenColumn.Keys("Label", Keys(), "c", "a", "b"), TextDataViewType.Instance, value => value.ToString(), "c", "a", "b");

    [TestMethod]
    public void A_key_with_numeric_values() => AssertLearned<int>(
        HandWrittenColumn.Keys("Label", Keys(), NumberDataViewType.Int32, [30, -10, 20]), NumberDataViewType.Int32, value => $"{value}", "30", "-10", "20");

    [TestMethod]
    public void A_key_without_values() => AssertLearned<ReadOnlyMemory<char>>(
        HandWrittenColumn.Keys("Label", Keys()), TextDataViewType.Instance, value => value.ToString(), "1", "2", "3");

    [TestMethod]
    public void A_text() => AssertLearned<ReadOnlyMemory<char>>(
        HandWrittenColumn.Text("Label", Values("a", "b", "c")), TextDataViewType.Instance, value => value.ToString(), "a", "b", "c");

    [TestMethod]
    public void A_single() => AssertLearned<float>(
        HandWrittenColumn.Of<float>("Label", NumberDataViewType.Single, Values(-1.5f, 2, 10)),
        NumberDataViewType.Single,
        value => FormattableString.Invariant($"{value}"),
        "-1.5",
        "2",
        "10");

    [TestMethod]
    public void An_integer() => AssertLearned<int>(
        HandWrittenColumn.Of<int>("Label", NumberDataViewType.Int32, Values(-1, 2, 10)), NumberDataViewType.Int32, value => $"{value}", "-1", "2", "10");

    [TestMethod]
    public void A_boolean()
    {
        HandWrittenColumn label = HandWrittenColumn.Of<bool>("Label", BooleanDataViewType.Instance, [.. Clusters.Labels(2, Each).Select(index => index == 1)]);
        AssertLearned<bool>(
            new HandWrittenView(HandWrittenColumn.Vectors("Features", Clusters.Features(2, Each, 3)), label), BooleanDataViewType.Instance, value => $"{value}",
            ["False", "True"], 2);
    }

    [TestMethod]
    public void ML_NET_evaluates_against_a_key()
    {
        HandWrittenView data = Data(HandWrittenColumn.Keys("Label", Keys(), "c", "a", "b"));
        using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, data);
        AssertPerfect(_ml.MulticlassClassification.Evaluate(model.Transform(data)));
    }

    // ML.NET reads a Single label as the number of the class, from 0.
    [TestMethod]
    public void ML_NET_evaluates_against_a_single()
    {
        HandWrittenView data = Data(HandWrittenColumn.Of<float>("Label", NumberDataViewType.Single, Values(0f, 1, 2)));
        using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, data);
        AssertPerfect(_ml.MulticlassClassification.Evaluate(model.Transform(data)));
    }

    [TestMethod]
    public void ML_NET_maps_the_prediction_back_to_its_value()
    {
        HandWrittenView data = Data(HandWrittenColumn.Of<float>("Label", NumberDataViewType.Single, Values(-1.5f, 2, 10)));
        using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, data);
        IDataView scored = model.Transform(data);
        IDataView mapped = _ml.Transforms.Conversion.MapKeyToValue("Value", "PredictedLabel").Fit(scored).Transform(scored);
        CollectionAssert.AreEqual(Values(-1.5f, 2, 10), Rows.Values<float>(mapped, "Value"));
    }

    private static void AssertPerfect(MulticlassClassificationMetrics metrics)
    {
        Assert.AreEqual((1, 1), (metrics.MicroAccuracy, metrics.MacroAccuracy));
        Assert.IsLessThan(0.7, metrics.LogLoss);  // 1.1 is chance
        Assert.HasCount(Classes, metrics.PerClassLogLoss);
    }

    private void AssertLearned<T>(HandWrittenColumn label, DataViewType type, Func<T, string> format, params string[] names) =>
        AssertLearned(Data(label), type, format, names, Classes);

    private void AssertLearned<T>(HandWrittenView data, DataViewType type, Func<T, string> format, string[] names, int classes)
    {
        using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, data), reloaded = Clusters.Reload(model);
        foreach (PrototypicalNetworkTransformer transformer in new[] { model, reloaded })
        {
            CollectionAssert.AreEqual(names, transformer.Prototypes.Select(prototype => prototype.ClassName).ToArray());
            Assert.IsTrue(transformer.Prototypes.All(prototype => prototype.Count == Each));
            IDataView scored = transformer.Transform(data);
            Assert.AreEqual(new KeyDataViewType(typeof(uint), classes), scored.Schema["PredictedLabel"].Type);
            VBuffer<T> values = default;
            Assert.AreEqual(type, ((VectorDataViewType)scored.Schema["PredictedLabel"].Annotations.Schema["KeyValues"].Type).ItemType);
            scored.Schema["PredictedLabel"].Annotations.GetValue("KeyValues", ref values);
            CollectionAssert.AreEqual(names, values.DenseValues().Select(format).ToArray());
            CollectionAssert.AreEqual(Clusters.Labels(classes, Each).Select(index => names[index]).ToArray(), Rows.Predicted(scored));
        }
    }

    private static uint[] Keys() => [.. Order.Select(index => (uint)index + 1)];

    private static T[] Values<T>(params T[] values) => [.. Order.Select(index => values[index])];

    private static HandWrittenView Data(HandWrittenColumn label) => new(HandWrittenColumn.Vectors("Features", Clusters.Features(Classes, Each, 3)), label);
}
