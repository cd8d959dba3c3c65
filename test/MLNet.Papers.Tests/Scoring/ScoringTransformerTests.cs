using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.PrototypicalNetworks;
using TorchSharp;

namespace MLNet.Papers.Tests.Scoring;

[TestClass]
public sealed class ScoringTransformerTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void A_missing_column_is_named_beside_those_there_are()
    {
        var source = new HandWrittenView(HandWrittenColumn.Text("Text", "x"), HandWrittenColumn.Text("More", "y"));
        AssertRefused(source, "Column 'Features' is missing; the columns are 'Text', 'More'.");
    }

    [TestMethod]
    public void A_column_of_another_type_is_named_with_what_it_must_be_and_is()
    {
        AssertRefused(new HandWrittenView(HandWrittenColumn.Text("Features", "x")), "Column 'Features' must be a vector of Single of length 2, but is String.");
        AssertRefused(
            new HandWrittenView(HandWrittenColumn.Vectors("Features", [1, 2, 3])),
            "Column 'Features' must be a vector of Single of length 2, but is Vector<Single, 3>.");
        AssertRefused(
            new HandWrittenView(HandWrittenColumn.Of<VBuffer<float>>("Features", new VectorDataViewType(NumberDataViewType.Single), [])),
            "Column 'Features' must be a vector of Single of length 2, but is Vector<Single>.");
        AssertRefused(
            new HandWrittenView(HandWrittenColumn.Of<VBuffer<double>>("Features", new VectorDataViewType(NumberDataViewType.Double, 2), [])),
            "Column 'Features' must be a vector of Single of length 2, but is Vector<Double, 2>.");
    }

    [TestMethod]
    public void The_latest_of_two_columns_of_one_name_is_read()
    {
        var source = new HandWrittenView(HandWrittenColumn.Text("Features", "x"), HandWrittenColumn.Vectors("Features", [2, 0]));
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        CollectionAssert.AreEqual(new[] { "right" }, Rows.Predicted(transformer.Transform(source)));
    }

    [TestMethod]
    public void A_column_of_the_input_is_hidden_by_one_of_the_same_name()
    {
        var source = new HandWrittenView(HandWrittenColumn.Vectors("Features", [2, 0]), HandWrittenColumn.Text("Score", "x"));
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        IDataView view = transformer.Transform(source);
        CollectionAssert.AreEqual(new[] { "Features", "Score", "PredictedLabel", "Score" }, view.Schema.Select(column => column.Name).ToArray());
        Assert.IsTrue(view.Schema[1].IsHidden);
        Assert.HasCount(2, Rows.Vectors(view, "Score")[0]);
    }

    [TestMethod]
    public void The_columns_are_annotated_as_those_of_ML_NET_are()
    {
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        DataViewSchema schema = transformer.GetOutputSchema(new HandWrittenView(HandWrittenColumn.Vectors("Features", [2, 0])).Schema);
        Assert.AreEqual(new KeyDataViewType(typeof(uint), 2), schema["PredictedLabel"].Type);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 2), schema["Score"].Type);
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["PredictedLabel"].GetKeyValues(ref names);
        Assert.AreEqual("left right", string.Join(" ", names.DenseValues()));
        schema["Score"].GetSlotNames(ref names);
        Assert.AreEqual("left right", string.Join(" ", names.DenseValues()));
        foreach (string column in new[] { "PredictedLabel", "Score" })
        {
            Assert.AreEqual("MulticlassClassification", Text("ScoreColumnKind"));
            Assert.AreEqual(column, Text("ScoreValueKind"));

            string Text(string annotation)
            {
                ReadOnlyMemory<char> value = default;
                schema[column].Annotations.GetValue(annotation, ref value);
                return value.ToString();
            }
        }
    }

    [TestMethod]
    public void Each_scorer_of_a_pipeline_numbers_its_columns()
    {
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        IDataView once = transformer.Transform(new HandWrittenView(HandWrittenColumn.Vectors("Features", [2, 0]))), twice = transformer.Transform(once);
        Assert.AreEqual((1u, 1u), (Set(once, "PredictedLabel"), Set(once, "Score")));
        Assert.AreEqual((2u, 2u), (Set(twice, "PredictedLabel"), Set(twice, "Score")));

        static uint Set(IDataView view, string column)
        {
            uint set = 0;
            view.Schema[column].Annotations.GetValue("ScoreColumnSetId", ref set);
            return set;
        }
    }

    [TestMethod]
    public void A_batch_has_at_least_one_row()
    {
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.BatchSize = 0);
    }

    [TestMethod]
    [DataRow(false, DisplayName = "before it has scored")]
    [DataRow(true, DisplayName = "after it has scored")]
    public void A_freed_transformer_that_scores_in_torch_says_what_freed_it(bool hasScored)
    {
        // As on a GPU, here on the CPU.
        PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(
            _ml, createScorer: (network, weights) => new TorchScorer(network, weights, torch.CPU));
        IDataView rows = _ml.Data.LoadFromEnumerable(
            new[] { new Example { Features = [0, 0], Label = "left" }, new Example { Features = [2, 0], Label = "right" } });
        IDataView view = transformer.Transform(rows);
        if (hasScored)
            _ = view.Preview(1);
        transformer.Dispose();
        transformer.Dispose();
        foreach (Action use in new Action[]
        {
            () => transformer.Transform(view), () => transformer.GetOutputSchema(view.Schema), () => transformer.GetRowToRowMapper(view.Schema),
            () => view.GetRowCursor(view.Schema),
            () => transformer.WithSupport(rows),
        })
        {
            Assert.Contains(
                "A PredictionEngine disposes its transformer unless PredictionEngineOptions.OwnsTransformer is false.",
                Assert.ThrowsExactly<ObjectDisposedException>(use).Message);
        }
    }

    [TestMethod]
    public void A_transformer_that_holds_nothing_native_outlives_the_engines_that_own_it()
    {
        PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        for (int engine = 0; engine < 3; engine++)
        {
            using PredictionEngine<Point, Answer> owner = _ml.Model.CreatePredictionEngine<Point, Answer>(transformer);
            Assert.AreEqual(2u, owner.Predict(new Point { Features = [2, 0] }).PredictedLabel);
        }
    }

    private sealed class Example
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }

    private sealed class Point
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Answer
    {
        [KeyType(2)]
        public uint PredictedLabel { get; set; }
    }

    private void AssertRefused(HandWrittenView source, string message)
    {
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        foreach (
            Action use in new Action[]
            {
                () => transformer.Transform(source),
                () => transformer.GetOutputSchema(source.Schema),
                () => transformer.GetRowToRowMapper(source.Schema),
            })
        {
            var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(use);
            StringAssert.StartsWith(exception.Message, message, StringComparison.Ordinal);
        }
    }
}
