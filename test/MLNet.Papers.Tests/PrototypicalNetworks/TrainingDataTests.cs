using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.PrototypicalNetworks;

/// <summary>Data that is not as it should be: what happens is defined, and said.</summary>
[TestClass]
public sealed class TrainingDataTests
{
    private readonly List<string> _warnings = [];
    private readonly MLContext _ml = new(seed: 1);

    public TrainingDataTests() => _ml.Log += (_, entry) =>
    {
        if (entry.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            _warnings.Add(entry.RawMessage);
    };

    [TestMethod]
    public void Rows_without_a_label_are_left_out_with_a_warning()
    {
        uint[] keys = [.. Clusters.Labels(3, 6).Select((index, row) => row is 4 or 7 ? 0 : (uint)index + 1)];  // both are of the second class
        using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, Data(keys, "a", "b", "c"));
        CollectionAssert.AreEqual(new long[] { 6, 4, 6 }, model.Prototypes.Select(prototype => prototype.Count).ToArray());
        CollectionAssert.Contains(_warnings, "Column 'Label' is missing in 2 rows, which are left out.");
    }

    [TestMethod]
    public void A_class_with_too_few_rows_has_a_prototype_and_a_warning()
    {
        // Of the third class two rows are left; an episode needs 1 + 3.
        uint[] keys = [.. Clusters.Labels(3, 6).Select((index, row) => index == 2 && row > 6 ? 0 : (uint)index + 1)];
        HandWrittenView data = Data(keys, "a", "b", "c");
        using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, data);
        CollectionAssert.AreEqual(new long[] { 6, 6, 2 }, model.Prototypes.Select(prototype => prototype.Count).ToArray());
        Assert.HasCount(4, model.Prototypes[2].Values.ToArray());
        CollectionAssert.Contains(_warnings, "1 of 3 classes have fewer than Shots + QueriesPerClass = 4 rows and take no part in episodes.");
        Assert.AreEqual("c", Rows.Predicted(model.Transform(data))[2]);
    }

    [TestMethod]
    public void A_class_without_rows_is_known_but_never_predicted()
    {
        uint[] keys = [.. Clusters.Labels(3, 6).Select(index => index == 2 ? 4u : (uint)index + 1)];
        HandWrittenView data = Data(keys, "a", "b", "nothing", "c");
        using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, data), reloaded = Clusters.Reload(model);
        foreach (PrototypicalNetworkTransformer transformer in new[] { model, reloaded })
        {
            Assert.AreEqual(
                ("nothing", 0L, 0), (transformer.Prototypes[2].ClassName, transformer.Prototypes[2].Count, transformer.Prototypes[2].Values.Length));
            Assert.IsTrue(Rows.Vectors(transformer.Transform(data), "Score").All(scores => scores[2] == 0));
        }

        Assert.IsFalse(_warnings.Any(warning => warning.Contains("take no part", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void With_fewer_classes_than_Ways_an_episode_has_them_all()
    {
        using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, Data([.. Clusters.Labels(3, 6).Select(index => (uint)index + 1)], "a", "b", "c"));
        CollectionAssert.AreEqual(new[] { "Ways is 5, but there are 3 classes: an episode has them all." }, _warnings);
    }

    [TestMethod]
    public void One_class_is_refused() => AssertRefused(
        Data([.. Enumerable.Repeat(2u, 18)], "a", "b"),
        "Column 'Label' must have at least 2 classes with 2 rows each, one as support and one as query, but of 1 classes 1 have that many; " +
        "the largest has 18 rows. Add rows.");

    [TestMethod]
    public void Classes_of_one_row_are_refused() => AssertRefused(
        Data([.. Enumerable.Range(0, 18).Select(row => (uint)row + 1)]),
        "Column 'Label' must have at least 2 classes with 2 rows each, one as support and one as query, but of 18 classes 0 have that many; " +
        "the largest has 1 rows. Add rows.");

    [TestMethod]
    [DataRow(1, 3, 3, "1 + 2")]
    [DataRow(2, 1, 3, "2 + 1")]  // they have enough
    [DataRow(4, 3, 3, "2 + 1")]
    [DataRow(4, 3, 2, "1 + 1")]
    public void Episodes_take_fewer_rows_of_classes_that_are_all_small(int shots, int queries, int rows, string expected)
    {
        foreach (bool validates in new[] { false, true })
        {
            _warnings.Clear();
            IDataView small = Data([.. Enumerable.Range(0, 18).Select(row => (uint)(row / rows) + 1)]), large = Clusters.Keyed(3, 8, 3);
            PrototypicalNetworkOptions options = Clusters.Quick();
            (options.Shots, options.QueriesPerClass, options.Validation) = (shots, queries, validates ? small : null);
            Clusters.Fit(_ml, validates ? large : small, options).Dispose();
            string[] lowered = [.. _warnings.Where(warning => warning.Contains("episodes take", StringComparison.Ordinal))];
            string warning =
                $"Column 'Label' has no 2 classes with Shots + QueriesPerClass = {shots + queries} rows each: episodes take {expected} rows of a " +
                "class. Add rows for more.";
            CollectionAssert.AreEqual(shots + queries > rows ? new[] { warning } : [], lowered);
        }
    }

    [TestMethod]
    public void Distortions_of_plain_vectors_are_said_to_have_no_effect()
    {
        PrototypicalNetworkOptions options = Clusters.Quick();
        Clusters.Fit(_ml, Clusters.Keyed(5, 6, 3), options).Dispose();
        Assert.IsEmpty(_warnings);
        options.AffineJitter = 0.5;
        Clusters.Fit(_ml, Clusters.Keyed(5, 6, 3), options).Dispose();
        CollectionAssert.AreEqual(new[] { "AffineJitter = 0.5 has no effect on plain vectors: it needs ImageShape." }, _warnings);
    }

    [TestMethod]
    public void No_rows_are_refused()
    {
        const string Message =
            "Column 'Label' must have at least 2 classes with 2 rows each, one as support and one as query, but there are no rows with a label. Add rows.";
        HandWrittenColumn none = HandWrittenColumn.Of<VBuffer<float>>("Features", new VectorDataViewType(NumberDataViewType.Single, 3), []);
        AssertRefused(new HandWrittenView(none, HandWrittenColumn.Keys("Label", [], "a", "b")), Message);
        AssertRefused(new HandWrittenView(none, HandWrittenColumn.Text("Label")), Message);
        AssertRefused(new HandWrittenView(none, HandWrittenColumn.Of<float>("Label", NumberDataViewType.Single, [])), Message);
        AssertRefused(new HandWrittenView(HandWrittenColumn.Vectors("Features", [1], [2]), HandWrittenColumn.Text("Label", "", "")), Message);
    }

    [TestMethod]
    public void Constant_features_give_equal_scores()
    {
        var data = new HandWrittenView(
            HandWrittenColumn.Vectors("Features", [.. Enumerable.Repeat(new[] { 5f, 5, 5 }, 18)]),
            HandWrittenColumn.Keys("Label", [.. Clusters.Labels(3, 6).Select(index => (uint)index + 1)]));
        foreach (Distance distance in Enum.GetValues<Distance>())
        {
            PrototypicalNetworkOptions options = Clusters.Quick();
            options.Distance = distance;
            using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, data, options);
            foreach (float score in Rows.Vectors(model.Transform(data), "Score").SelectMany(scores => scores))
                Assert.AreEqual(1f / 3, score, 1e-5f);
        }
    }

    [TestMethod]
    [DataRow(float.NaN, "NaN")]
    [DataRow(float.PositiveInfinity, "Infinity")]
    public void A_feature_that_is_not_finite_is_refused_in_training(float value, string text)
    {
        float[][] features = Clusters.Features(3, 6, 3);
        features[7][1] = value;
        AssertRefused(
            new HandWrittenView(
                HandWrittenColumn.Vectors("Features", features), HandWrittenColumn.Keys("Label", [.. Clusters.Labels(3, 6).Select(index => (uint)index + 1)])),
            $"Column 'Features' must be finite, but has {text} in row 7. Replace or drop such values first (ReplaceMissingValues).");
    }

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void A_feature_that_is_not_finite_has_no_class_and_spoils_no_other_row(float value)
    {
        foreach ((ImageShape? shape, int size) in new (ImageShape?, int)[] { (null, 3), (new ImageShape(1, 4, 4), 16) })
        {
            PrototypicalNetworkOptions options = Clusters.Quick(episodes: 3);
            (options.ImageShape, options.Filters, options.Blocks, options.EmbeddingColumnName) = (shape, 4, 2, "Embedding");
            float[][] features = Clusters.Features(3, 6, size);
            using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, Clusters.Keyed(3, 6, size), options);
            float[][] expected = Rows.Vectors(model.Transform(new HandWrittenView(HandWrittenColumn.Vectors("Features", features))), "Score");
            features[7][1] = value;
            IDataView scored = model.Transform(new HandWrittenView(HandWrittenColumn.Vectors("Features", features)));
            float[][] scores = Rows.Vectors(scored, "Score"), embeddings = Rows.Vectors(scored, "Embedding");
            List<uint> predicted = Rows.Values<uint>(scored, "PredictedLabel");
            for (int row = 0; row < features.Length; row++)
            {
                if (row == 7)
                {
                    Assert.IsTrue(scores[row].Concat(embeddings[row]).All(float.IsNaN));
                    Assert.AreEqual(0u, predicted[row]);
                }
                else
                {
                    CollectionAssert.AreEqual(expected[row], scores[row]);
                    Assert.AreNotEqual(0u, predicted[row]);
                }
            }
        }
    }

    [TestMethod]
    public void Classes_are_held_out_for_validation()
    {
        PrototypicalNetworkOptions options = Clusters.Quick();
        (options.ValidationFraction, options.ValidationInterval) = (0.5, 10);
        List<TrainingProgress> reports = [];
        options.Progress = new Reports(reports);
        using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, Clusters.Keyed(6, 6, 3), options);
        Assert.HasCount(6, model.Prototypes);
        Assert.IsNotNull(reports[^1].ValidationLoss);
    }

    [TestMethod]
    [DataRow(0.1, 6, 1)]  // 0.6 of a class, rounded: 1 is held out
    [DataRow(0.05, 6, 0)]
    [DataRow(0.9, 6, 5)]
    [DataRow(0.5, 3, 2)]
    public void A_fraction_that_leaves_too_few_classes_on_either_side_is_refused(double fraction, int classes, int held)
    {
        PrototypicalNetworkOptions options = Clusters.Quick();
        options.ValidationFraction = fraction;
        AssertRefused(
            Clusters.Keyed(classes, 6, 3),
            FormattableString.Invariant($"ValidationFraction is {fraction}: of {classes} classes {held} would be held out, but at least 2 must be, ") +
            "and at least 2 must be left. Choose another part or add classes.",
            options);
    }

    [TestMethod]
    public void The_validation_data_must_have_the_columns_of_the_training_data()
    {
        PrototypicalNetworkOptions options = Clusters.Quick();
        options.Validation = Clusters.Keyed(3, 6, size: 5);
        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Clusters.Fit(_ml, Clusters.Keyed(3, 6, size: 3), options));
        StringAssert.StartsWith(
            exception.Message, "Column 'Features' must be a vector of Single of length 3, but is Vector<Single, 5>.", StringComparison.Ordinal);
        options.Validation = new HandWrittenView(HandWrittenColumn.Vectors("Features", [1, 2, 3]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Clusters.Fit(_ml, Clusters.Keyed(3, 6, size: 3), options));
    }

    [TestMethod]
    public void The_validation_data_may_have_other_classes()
    {
        PrototypicalNetworkOptions options = Clusters.Quick();
        options.Validation = new HandWrittenView(
            HandWrittenColumn.Vectors("Features", Clusters.Features(2, 6, 3, seed: 9)),
            HandWrittenColumn.Text("Label", [.. Clusters.Labels(2, 6).Select(index => $"x{index}")]));
        using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, Clusters.Keyed(6, 6, size: 3), options);
        Assert.HasCount(6, model.Prototypes);
    }

    [TestMethod]
    public void Features_must_be_as_long_as_the_image()
    {
        var options = new PrototypicalNetworkOptions { ImageShape = new(1, 4, 4), Blocks = 1 };
        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Clusters.Fit(_ml, Clusters.Keyed(3, 6, size: 15), options));
        StringAssert.StartsWith(
            exception.Message, "Column 'Features' must be an image or a vector of Single of length 16 (1 × 4 × 4), but is Vector<Single, 15>.",
            StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_prototype_is_the_mean_embedding_of_all_rows_of_its_class()
    {
        PrototypicalNetworkOptions options = Clusters.Quick();
        options.EmbeddingColumnName = "Embedding";
        HandWrittenView data = Clusters.Keyed(3, 7, 3, spread: 1);
        using PrototypicalNetworkTransformer model = Clusters.Fit(_ml, data, options);
        float[][] embeddings = Rows.Vectors(model.Transform(data), "Embedding");
        for (int index = 0; index < 3; index++)
        {
            double[] mean = PlainMathematics.Mean([.. embeddings.Where((_, row) => row % 3 == index).Select(embedding => PlainMathematics.Double(embedding))]);
            for (int i = 0; i < mean.Length; i++)
                Assert.AreEqual(mean[i], model.Prototypes[index].Values.Span[i], 1e-6);
        }
    }

    [TestMethod]
    public void The_seed_of_the_options_goes_before_that_of_the_context()
    {
        HandWrittenView data = Clusters.Keyed(3, 6, 3);
        PrototypicalNetworkOptions seeded = Clusters.Quick();
        seeded.Seed = 5;
        float[] fromOptions = Weights(new MLContext(seed: 1), seeded),
            again = Weights(new MLContext(seed: 2), seeded),
            fromContext = Weights(new MLContext(seed: 5), Clusters.Quick());
        CollectionAssert.AreEqual(fromOptions, again);
        CollectionAssert.AreEqual(fromOptions, fromContext);
        CollectionAssert.AreNotEqual(fromOptions, Weights(new MLContext(seed: 6), Clusters.Quick()));
        CollectionAssert.AreNotEqual(Weights(new MLContext(), Clusters.Quick()), Weights(new MLContext(), Clusters.Quick()));

        float[] Weights(MLContext ml, PrototypicalNetworkOptions options)
        {
            using PrototypicalNetworkTransformer model = Clusters.Fit(ml, data, options);
            NetworkWeights weights = model.Weights;
            return [.. weights["layers.0.weight"], .. weights["layers.1.weight"], .. weights["layers.1.bias"]];
        }
    }

    private static HandWrittenView Data(uint[] keys, params string[] names) =>
        new(HandWrittenColumn.Vectors("Features", Clusters.Features(3, 6, 3)), HandWrittenColumn.Keys("Label", keys, names));

    private void AssertRefused(HandWrittenView data, string message, PrototypicalNetworkOptions? options = null)
    {
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Clusters.Fit(_ml, data, options));
        Assert.AreEqual(message, exception.Message);
    }

    private sealed class Reports(List<TrainingProgress> list) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => list.Add(value);
    }
}
