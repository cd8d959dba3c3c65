using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.PrototypicalNetworks;

/// <summary>New classes for a fitted network, without training. The network gives back its input, so that all numbers follow by hand.</summary>
[TestClass]
public sealed class NewClassesTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void A_support_set_replaces_the_classes()
    {
        using PrototypicalNetworkTransformer original = IdentityNetwork.LeftAndRight(_ml);
        // up: ((0, 4) + (0, 8) + (3, 0)) / 3 = (1, 4); down: (0, -2).
        var support = new HandWrittenView(
            HandWrittenColumn.Vectors("Features", [0, 4], [0, -2], [0, 8], [3, 0]), HandWrittenColumn.Keys("Label", [1, 2, 1, 1], "up", "down"));
        using PrototypicalNetworkTransformer changed = original.WithSupport(support);
        AssertPrototypes(changed, ("up", 3, [1, 4]), ("down", 1, [0, -2]));
        AssertPrototypes(original, ("left", 1, [0, 0]), ("right", 1, [2, 0]));
        AssertPredicts(changed, [5, 1.5f], "up");
        AssertPredicts(original, [5, 1.5f], "right");
        AssertPrototypes(Clusters.Reload(changed), ("up", 3, [1, 4]), ("down", 1, [0, -2]));
        AssertPredicts(Clusters.Reload(changed), [5, 1.5f], "up");
        Assert.AreEqual(original.Distance, changed.Distance);
    }

    [TestMethod]
    public void A_class_of_the_support_set_may_have_no_rows()
    {
        var support = new HandWrittenView(
            HandWrittenColumn.Vectors("Features", [0, 4], [0, -2]), HandWrittenColumn.Keys("Label", [3, 1], "down", "nothing", "up"));
        using PrototypicalNetworkTransformer changed = IdentityNetwork.LeftAndRight(_ml).WithSupport(support), reloaded = Clusters.Reload(changed);
        foreach (PrototypicalNetworkTransformer transformer in new[] { changed, reloaded })
        {
            AssertPrototypes(transformer, ("down", 1, [0, -2]), ("nothing", 0, []), ("up", 1, [0, 4]));
            float[] scores = Rows.Vectors(transformer.Transform(One([0, 1])), "Score")[0];
            // At (0, 1) both are 3 away, and the class that nothing is known of has 0.
            CollectionAssert.AreEqual(new[] { 0.5f, 0, 0.5f }, scores);
        }
    }

    [TestMethod]
    public void The_labels_of_a_support_set_may_be_values()
    {
        HandWrittenColumn features = HandWrittenColumn.Vectors("Features", [0, 4], [0, -2], [0, 8]);
        using PrototypicalNetworkTransformer original = IdentityNetwork.LeftAndRight(_ml);
        AssertPrototypes(
            original.WithSupport(new HandWrittenView(features, HandWrittenColumn.Text("Label", "b", "a", "b"))), ("a", 1, [0, -2]), ("b", 2, [0, 6]));
        AssertPrototypes(
            original.WithSupport(new HandWrittenView(features, HandWrittenColumn.Of<float>("Label", NumberDataViewType.Single, [10, 9.5f, 10]))),
            ("9.5", 1, [0, -2]), ("10", 2, [0, 6]));
        AssertPrototypes(
            original.WithSupport(new HandWrittenView(features, HandWrittenColumn.Of<bool>("Label", BooleanDataViewType.Instance, [true, false, true]))),
            ("False", 1, [0, -2]), ("True", 2, [0, 6]));
    }

    [TestMethod]
    public void A_support_set_may_have_more_columns_than_are_needed()
    {
        HandWrittenColumn text = HandWrittenColumn.Text("Text", "x", "y");
        var support = new HandWrittenView(text, HandWrittenColumn.Vectors("Features", [0, 4], [0, -2]), HandWrittenColumn.Keys("Label", [1, 2], "up", "down"));
        AssertPrototypes(IdentityNetwork.LeftAndRight(_ml).WithSupport(support), ("up", 1, [0, 4]), ("down", 1, [0, -2]));
        Assert.AreEqual((0, 2), (text.Reads, support.Moves));
    }

    [TestMethod]
    public void A_support_set_that_does_not_name_a_class_in_every_row_is_refused() => AssertRefused(
        [[0, 4], [0, -2], [0, 8]], [1, 0, 2],
        "Column 'Label' must name a class in every row of a support set, but is missing in 1 of 3. Drop these rows or label them.");

    [TestMethod]
    public void A_support_set_of_one_class_is_refused() => AssertRefused(
        [[0, 4], [0, -2]], [2, 2],
        "Column 'Label' of a support set must have rows of at least 2 classes, but has rows of 1. Add rows of other classes.");

    [TestMethod]
    public void A_support_set_without_rows_is_refused()
    {
        AssertRefused([], [], "Column 'Label' of a support set must have rows of at least 2 classes, but has rows of 0. Add rows of other classes.");
        var none = new HandWrittenView(
            HandWrittenColumn.Of<VBuffer<float>>("Features", new VectorDataViewType(NumberDataViewType.Single, 2), []), HandWrittenColumn.Text("Label"));
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => IdentityNetwork.LeftAndRight(_ml).WithSupport(none));
        Assert.AreEqual(
            "Column 'Label' of a support set must have rows of at least 2 classes, but has rows of 0. Add rows of other classes.", exception.Message);
    }

    [TestMethod]
    public void A_support_set_with_a_feature_that_is_not_finite_is_refused() => AssertRefused(
        [[0, 4], [0, float.NaN]], [1, 2],
        "Column 'Features' must be finite, but has NaN in row 1. Replace or drop such values first (ReplaceMissingValues).");

    [TestMethod]
    public void A_support_set_of_the_wrong_columns_is_refused()
    {
        using PrototypicalNetworkTransformer original = IdentityNetwork.LeftAndRight(_ml);
        AssertColumn(
            "Column 'Features' must be a vector of Single of length 2, but is Vector<Single, 3>.", HandWrittenColumn.Vectors("Features", [0, 4, 1]),
            HandWrittenColumn.Keys("Label", [1], "up"));
        AssertColumn("Column 'Features' is missing; the columns are 'Label'.", HandWrittenColumn.Keys("Label", [1], "up"));
        AssertColumn("Column 'Label' is missing; the columns are 'Features'.", HandWrittenColumn.Vectors("Features", [0, 4]));
        Assert.ThrowsExactly<ArgumentNullException>(() => original.WithSupport(null!));

        void AssertColumn(string message, params HandWrittenColumn[] columns)
        {
            var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => original.WithSupport(new HandWrittenView(columns)));
            StringAssert.StartsWith(exception.Message, message, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void A_class_is_added()
    {
        using PrototypicalNetworkTransformer original = IdentityNetwork.LeftAndRight(_ml);
        using PrototypicalNetworkTransformer changed = original.AddClass("up", new HandWrittenView(HandWrittenColumn.Vectors("Features", [0, 4], [2, 8])));
        AssertPrototypes(changed, ("left", 1, [0, 0]), ("right", 1, [2, 0]), ("up", 2, [1, 6]));
        AssertPrototypes(original, ("left", 1, [0, 0]), ("right", 1, [2, 0]));
        AssertPredicts(changed, [1, 5], "up");
        AssertPrototypes(Clusters.Reload(changed), ("left", 1, [0, 0]), ("right", 1, [2, 0]), ("up", 2, [1, 6]));
        AssertPredicts(Clusters.Reload(changed), [1, 5], "up");
        AssertPredicts(original, [1.5f, 5], "right");
    }

    [TestMethod]
    public void A_class_without_examples_is_given_some()
    {
        using PrototypicalNetworkTransformer original = IdentityNetwork.Create(
            _ml, Distance.SquaredEuclidean, ("left", [0, 0]), ("up", null), ("right", [2, 0]));
        using PrototypicalNetworkTransformer changed = original.AddClass("up", One([0, 4]));
        AssertPrototypes(changed, ("left", 1, [0, 0]), ("up", 1, [0, 4]), ("right", 1, [2, 0]));
        AssertPrototypes(original, ("left", 1, [0, 0]), ("up", 0, []), ("right", 1, [2, 0]));
        AssertPredicts(changed, [0, 3], "up");
    }

    [TestMethod]
    public void A_number_names_a_class_among_numbers()
    {
        using PrototypicalNetworkTransformer original = IdentityNetwork.Create(
            _ml, Distance.SquaredEuclidean, NumberDataViewType.Single, ("1", [0, 0]), ("2", null), ("3", [2, 0]));
        AssertPrototypes(original.AddClass("0.50", One([0, 4])), ("1", 1, [0, 0]), ("2", 0, []), ("3", 1, [2, 0]), ("0.5", 1, [0, 4]));
        AssertPrototypes(original.AddClass("2.0", One([0, 4])), ("1", 1, [0, 0]), ("2", 1, [0, 4]), ("3", 1, [2, 0]));
        AssertMessage<ArgumentException>(() => original.AddClass("1.0", One([0, 4])), "The class '1' exists already.");
        AssertMessage<ArgumentException>(() => original.AddClass("oak", One([0, 4])), "The classes of this model are values of Single; 'oak' is none.");
    }

    [TestMethod]
    public void A_class_that_cannot_be_added_is_refused()
    {
        using PrototypicalNetworkTransformer original = IdentityNetwork.LeftAndRight(_ml);
        AssertMessage<ArgumentException>(() => original.AddClass("left", One([0, 4])), "The class 'left' exists already.");
        AssertMessage<InvalidOperationException>(
            () => original.AddClass(
                "up", new HandWrittenView(HandWrittenColumn.Of<VBuffer<float>>("Features", new VectorDataViewType(NumberDataViewType.Single, 2), []))),
            "The class 'up' must have at least 1 row, but has none.");
        AssertMessage<InvalidOperationException>(
            () => original.AddClass("up", One([float.PositiveInfinity, 4])),
            "Column 'Features' must be finite, but has Infinity in row 0. Replace or drop such values first (ReplaceMissingValues).");
        AssertMessage<ArgumentOutOfRangeException>(
            () => original.AddClass("up", One([1, 2, 3])), "Column 'Features' must be a vector of Single of length 2, but is Vector<Single, 3>.");
        Assert.ThrowsExactly<ArgumentException>(() => original.AddClass(" ", One([0, 4])));
        Assert.ThrowsExactly<ArgumentNullException>(() => original.AddClass("up", null!));
    }

    [TestMethod]
    public void An_embedding_too_large_for_the_network_is_refused()
    {
        // Doubling the input runs over: 2 * 3e38 is more than single precision holds.
        using PrototypicalNetworkTransformer original = Doubling();
        const string Message = "The embedding of class 'up' is not finite or too large for distances: its features are too large for the network.";
        var support = new HandWrittenView(HandWrittenColumn.Vectors("Features", [0, 3e38f], [0, -2]), HandWrittenColumn.Keys("Label", [1, 2], "up", "down"));
        AssertMessage<InvalidOperationException>(() => original.WithSupport(support), Message);
        AssertMessage<InvalidOperationException>(() => original.AddClass("up", One([0, 3e38f])), Message);
    }

    [TestMethod]
    public void A_class_is_removed()
    {
        using PrototypicalNetworkTransformer original = IdentityNetwork.Create(
            _ml, Distance.SquaredEuclidean, ("left", [0, 0]), ("up", [0, 4]), ("none", null), ("right", [2, 0]));
        using PrototypicalNetworkTransformer changed = original.RemoveClass("up");
        AssertPrototypes(changed, ("left", 1, [0, 0]), ("none", 0, []), ("right", 1, [2, 0]));
        AssertPrototypes(original.RemoveClass("none"), ("left", 1, [0, 0]), ("up", 1, [0, 4]), ("right", 1, [2, 0]));
        AssertPredicts(original, [0, 4], "up");
        AssertPredicts(changed, [0, 4], "left");
        AssertPredicts(changed, [2, 4], "right");  // its key was 4 and is 3
        AssertPredicts(Clusters.Reload(changed), [2, 4], "right");
    }

    [TestMethod]
    public void A_class_that_cannot_be_removed_is_refused()
    {
        using PrototypicalNetworkTransformer original = IdentityNetwork.Create(
            _ml, Distance.SquaredEuclidean, ("left", [0, 0]), ("none", null), ("right", [2, 0]));
        AssertMessage<ArgumentException>(() => original.RemoveClass("up"), "There is no class 'up'; the classes are 'left', 'none', 'right'.");
        AssertMessage<InvalidOperationException>(
            () => original.RemoveClass("left"), "At least 2 classes with examples must remain, but without 'left' there would be fewer.");
        Assert.ThrowsExactly<ArgumentNullException>(() => original.RemoveClass(null!));
    }

    [TestMethod]
    public void The_embedding_is_a_third_column_on_request()
    {
        using PrototypicalNetworkTransformer original = IdentityNetwork.LeftAndRight(_ml),
            changed = original.WithEmbeddingColumn(),
            named = changed.WithEmbeddingColumn("Z");
        CollectionAssert.AreEqual(new[] { "Features", "PredictedLabel", "Score" }, Columns(original));
        CollectionAssert.AreEqual(new[] { "Features", "PredictedLabel", "Score", "Embedding" }, Columns(changed));
        CollectionAssert.AreEqual(new[] { "Features", "PredictedLabel", "Score", "Z" }, Columns(named));
        CollectionAssert.AreEqual(new[] { "Features", "PredictedLabel", "Score" }, Columns(named.WithEmbeddingColumn(null)));
        CollectionAssert.AreEqual(new[] { "Features", "PredictedLabel", "Score", "Z" }, Columns(Clusters.Reload(named)));
        Assert.AreEqual((null, "Embedding", "Z"), (original.EmbeddingColumnName, changed.EmbeddingColumnName, named.EmbeddingColumnName));
        CollectionAssert.AreEqual(new[] { 1.5f, -3 }, Rows.Vectors(named.Transform(One([1.5f, -3])), "Z")[0]);
        CollectionAssert.AreEqual(new[] { 1.5f, -3 }, Rows.Vectors(Clusters.Reload(named).Transform(One([1.5f, -3])), "Z")[0]);

        static string[] Columns(PrototypicalNetworkTransformer transformer) =>
            [.. transformer.GetOutputSchema(One([0, 0]).Schema).Select(column => column.Name)];
    }

    [TestMethod]
    public void The_embedding_column_must_have_a_name_of_its_own()
    {
        using PrototypicalNetworkTransformer original = IdentityNetwork.LeftAndRight(_ml);
        Assert.ThrowsExactly<ArgumentException>(() => original.WithEmbeddingColumn(" "));
        foreach (string taken in new[] { "Score", "PredictedLabel" })
        {
            AssertMessage<ArgumentException>(
                () => original.WithEmbeddingColumn(taken), $"The embedding cannot have the name '{taken}' of another output column.");
        }
    }

    [TestMethod]
    public void Freeing_one_leaves_the_others()
    {
        PrototypicalNetworkTransformer original = IdentityNetwork.LeftAndRight(_ml);
        AssertPredicts(original, [2, 4], "right");
        PrototypicalNetworkTransformer changed = original.AddClass("up", One([0, 4])), again = changed.RemoveClass("left");
        original.Dispose();
        AssertPredicts(changed, [2, 4], "up");
        AssertPredicts(again, [2, 1], "right");
        again.Dispose();
        AssertPredicts(changed, [2, 4], "up");
        changed.Dispose();
        AssertPredicts(changed.AddClass("down", One([0, -4])), [0, -3], "down");
    }

    [TestMethod]
    public void Options_live_on_in_what_is_made_from_a_model()
    {
        using PrototypicalNetworkTransformer original = IdentityNetwork.LeftAndRight(_ml, Distance.Cosine).WithEmbeddingColumn("Z");
        PrototypicalNetworkTransformer[] made =
        [
            original.AddClass("up", One([0, 4])), Clusters.Reload(original),
            original.WithSupport(
                new HandWrittenView(HandWrittenColumn.Vectors("Features", [0, 4], [0, -2]), HandWrittenColumn.Keys("Label", [1, 2], "up", "down"))),
        ];
        foreach (PrototypicalNetworkTransformer transformer in made)
        {
            Assert.AreEqual(
                (Distance.Cosine, "Features", "Label", "Z", 2),
                (transformer.Distance, transformer.FeatureColumnName, transformer.LabelColumnName, transformer.EmbeddingColumnName, transformer.EmbeddingSize));
            transformer.Dispose();
        }
    }

    private static HandWrittenView One(float[] features) => new(HandWrittenColumn.Vectors("Features", features));

    private PrototypicalNetworkTransformer Doubling()
    {
        PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        float[] weights = transformer.Weights["layers.0.weight"];
        for (int i = 0; i < weights.Length; i++)
            weights[i] *= 2;
        return transformer;
    }

    private static void AssertPrototypes(PrototypicalNetworkTransformer transformer, params (string Name, long Count, float[] Values)[] expected)
    {
        Assert.HasCount(expected.Length, transformer.Prototypes);
        foreach (((string name, long count, float[] values), Prototype actual) in expected.Zip(transformer.Prototypes))
        {
            Assert.AreEqual((name, count), (actual.ClassName, actual.Count));
            CollectionAssert.AreEqual(values, actual.Values.ToArray(), name);
        }
    }

    private static void AssertPredicts(PrototypicalNetworkTransformer transformer, float[] features, string expected) =>
        CollectionAssert.AreEqual(new[] { expected }, Rows.Predicted(transformer.Transform(One(features))));

    private void AssertRefused(float[][] features, uint[] keys, string message)
    {
        HandWrittenColumn column = features.Length > 0
            ? HandWrittenColumn.Vectors("Features", features)
            : HandWrittenColumn.Of<VBuffer<float>>("Features", new VectorDataViewType(NumberDataViewType.Single, 2), []);
        var support = new HandWrittenView(column, HandWrittenColumn.Keys("Label", keys, "up", "down"));
        AssertMessage<InvalidOperationException>(() => IdentityNetwork.LeftAndRight(_ml).WithSupport(support), message);
    }

    private static void AssertMessage<TException>(Action action, string message)
        where TException : Exception
    {
        var exception = Assert.ThrowsExactly<TException>(action);
        StringAssert.StartsWith(exception.Message, message, StringComparison.Ordinal);
    }
}
