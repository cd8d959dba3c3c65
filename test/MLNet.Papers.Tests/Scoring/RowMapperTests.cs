using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.PrototypicalNetworks;

namespace MLNet.Papers.Tests.Scoring;

/// <summary>The path of a PredictionEngine: one row, scored when it is asked for.</summary>
[TestClass]
public sealed class RowMapperTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void A_row_is_scored_once_and_only_if_asked()
    {
        HandWrittenColumn features = HandWrittenColumn.Vectors("Features", [0.5f, 0], [2, 0], [0, 0]);
        var source = new HandWrittenView(features);
        (DataViewRowCursor cursor, DataViewRow row) = Mapped(source);
        ValueGetter<VBuffer<float>> score = row.GetGetter<VBuffer<float>>(row.Schema["Score"]);
        ValueGetter<uint> label = row.GetGetter<uint>(row.Schema["PredictedLabel"]);
        VBuffer<float> scores = default;
        uint key = 0;

        cursor.MoveNext();
        Assert.AreEqual(0, features.Reads);
        score(ref scores);
        score(ref scores);
        label(ref key);
        Assert.AreEqual(1, features.Reads);
        Assert.AreEqual(0.880797f, scores.GetItemOrDefault(0), 1e-6f);  // 1 / (1 + e^-2), the distances being 0.25 and 2.25
        Assert.AreEqual(1u, key);

        cursor.MoveNext();
        cursor.MoveNext();
        Assert.AreEqual(1, features.Reads);
        label(ref key);
        Assert.AreEqual(2, features.Reads);
        Assert.AreEqual(1u, key);
    }

    [TestMethod]
    public void The_columns_of_the_input_go_straight_through()
    {
        HandWrittenColumn text = HandWrittenColumn.Text("Text", "x"), features = HandWrittenColumn.Vectors("Features", [0.5f, 0]);
        (DataViewRowCursor cursor, DataViewRow row) = Mapped(new HandWrittenView(features, text));
        ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(row.Schema["Text"]);
        cursor.MoveNext();
        ReadOnlyMemory<char> value = default;
        getter(ref value);
        Assert.AreEqual("x", value.ToString());
        Assert.AreEqual((0, 1), (features.Reads, text.Reads));
        Assert.AreEqual((cursor.Position, cursor.Batch), (row.Position, row.Batch));
    }

    [TestMethod]
    public void There_are_no_values_before_the_first_row_and_after_the_last()
    {
        (DataViewRowCursor cursor, DataViewRow row) = Mapped(new HandWrittenView(HandWrittenColumn.Vectors("Features", [0.5f, 0])));
        ValueGetter<uint> label = row.GetGetter<uint>(row.Schema["PredictedLabel"]);
        uint key = 0;
        Assert.ThrowsExactly<InvalidOperationException>(() => label(ref key));
        cursor.MoveNext();
        label(ref key);
        cursor.MoveNext();
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => label(ref key));
        Assert.AreEqual("The row has no values: its cursor stands before the first or after the last row.", exception.Message);
    }

    [TestMethod]
    public void What_a_column_needs_is_named()
    {
        var source = new HandWrittenView(
            HandWrittenColumn.Vectors("Features", [0.5f, 0]), HandWrittenColumn.Text("Text", "x"), HandWrittenColumn.Text("More", "y"));
        IRowToRowMapper mapper = Transformer().GetRowToRowMapper(source.Schema);
        Assert.AreSame(source.Schema, mapper.InputSchema);
        Assert.AreEqual("Features", Needs("Score"));
        Assert.AreEqual("Features", Needs("PredictedLabel", "Features"));
        Assert.AreEqual("Text", Needs("Text"));
        Assert.AreEqual("Features, More", Needs("More", "Score"));
        Assert.AreEqual("", Needs());

        string Needs(params string[] columns) =>
            string.Join(", ", mapper.GetDependencies(columns.Select(column => mapper.OutputSchema[column])).Select(column => column.Name));
    }

    [TestMethod]
    public void A_column_that_was_not_asked_for_has_no_getter()
    {
        var source = new HandWrittenView(HandWrittenColumn.Vectors("Features", [0.5f, 0]), HandWrittenColumn.Text("Text", "x"));
        IRowToRowMapper mapper = Transformer().GetRowToRowMapper(source.Schema);
        using DataViewRowCursor cursor = source.GetRowCursor(source.Schema);
        using DataViewRow row = mapper.GetRow(cursor, [mapper.OutputSchema["Score"]]);
        Assert.IsFalse(row.IsColumnActive(mapper.OutputSchema["Text"]));
        Assert.ThrowsExactly<InvalidOperationException>(() => row.GetGetter<ReadOnlyMemory<char>>(mapper.OutputSchema["Text"]));
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => row.GetGetter<uint>(mapper.OutputSchema["PredictedLabel"]));
        Assert.AreEqual("Column 'PredictedLabel' is not active in this row. Name it where the cursor or the row is asked for.", exception.Message);
    }

    [TestMethod]
    public void A_row_of_another_schema_is_refused()
    {
        HandWrittenColumn features = HandWrittenColumn.Vectors("Features", [0.5f, 0]);
        IRowToRowMapper mapper = Transformer().GetRowToRowMapper(new HandWrittenView(features).Schema);
        using DataViewRowCursor other = new HandWrittenView(features).GetRowCursor([]);
        var exception = Assert.ThrowsExactly<ArgumentException>(() => mapper.GetRow(other, []));
        StringAssert.StartsWith(exception.Message, "The row has another schema than the one this mapper was made for.", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Freeing_a_row_leaves_the_cursor_to_its_owner()
    {
        var source = new HandWrittenView(HandWrittenColumn.Vectors("Features", [0.5f, 0]));
        (DataViewRowCursor cursor, DataViewRow row) = Mapped(source);
        row.Dispose();
        row.Dispose();
        Assert.IsTrue(cursor.MoveNext());
    }

    private PrototypicalNetworkTransformer Transformer() => IdentityNetwork.LeftAndRight(_ml);

    private (DataViewRowCursor Cursor, DataViewRow Row) Mapped(HandWrittenView source)
    {
        IRowToRowMapper mapper = Transformer().GetRowToRowMapper(source.Schema);
        DataViewRowCursor cursor = source.GetRowCursor(source.Schema);
        return (cursor, mapper.GetRow(cursor, mapper.OutputSchema));
    }
}
