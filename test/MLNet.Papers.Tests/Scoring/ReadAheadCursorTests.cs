using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.PrototypicalNetworks;

namespace MLNet.Papers.Tests.Scoring;

/// <summary>The cursor that reads a batch, scores it and hands it on row by row.</summary>
[TestClass]
public sealed class ReadAheadCursorTests
{
    private const int Count = 23;  // three batches of 7 and one of 2

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(64)]
    public void Every_kind_of_column_passes_through_a_batch(int batchSize)
    {
        var random = new Random(3);
        HandWrittenColumn features = Features(Count);
        var text = HandWrittenColumn.Text("Text", [.. Enumerable.Range(0, Count).Select(i => i % 4 == 0 ? "" : $"row {i}")]);
        var key = HandWrittenColumn.Keys("Key", [.. Enumerable.Range(0, Count).Select(i => (uint)i % 4)], "a", "b", "c");
        var number = HandWrittenColumn.Of<float>("Single", NumberDataViewType.Single, [.. Enumerable.Range(0, Count).Select(i => i == 5 ? float.NaN : i / 3f)]);
        var wide = HandWrittenColumn.Of<double>("Double", NumberDataViewType.Double, [.. Enumerable.Range(0, Count).Select(i => i / 3d)]);
        var bytes = HandWrittenColumn.Of<byte>("Byte", NumberDataViewType.Byte, [.. Enumerable.Range(0, Count).Select(i => (byte)i)]);
        var flag = HandWrittenColumn.Of<bool>("Flag", BooleanDataViewType.Instance, [.. Enumerable.Range(0, Count).Select(i => i % 3 == 0)]);
        var time = HandWrittenColumn.Of<DateTime>(
            "Time", DateTimeDataViewType.Instance, [.. Enumerable.Range(0, Count).Select(i => new DateTime(2020, 1, 1 + i))]);
        var id = HandWrittenColumn.Of<DataViewRowId>(
            "Id", RowIdDataViewType.Instance, [.. Enumerable.Range(0, Count).Select(i => new DataViewRowId((ulong)i, 9))]);
        var mixed = HandWrittenColumn.Of<VBuffer<float>>(
            "Mixed", new VectorDataViewType(NumberDataViewType.Single, 5), [.. Enumerable.Range(0, Count).Select(SparseOrDense)]);
        var variable = HandWrittenColumn.Of<VBuffer<int>>("Variable", new VectorDataViewType(NumberDataViewType.Int32),
            [.. Enumerable.Range(0, Count).Select(i => new VBuffer<int>(i % 5, [.. Enumerable.Repeat(i, i % 5)]))]);
        var words = HandWrittenColumn.Of<VBuffer<ReadOnlyMemory<char>>>("Words", new VectorDataViewType(TextDataViewType.Instance),
            [
                .. Enumerable.Range(0, Count)
                    .Select(i => new VBuffer<ReadOnlyMemory<char>>(i % 3, [.. Enumerable.Range(0, i % 3).Select(j => $"{i}.{j}".AsMemory())])),
            ]);
        var token = HandWrittenColumn.Of<Token?>("Token", Token.ColumnType, [.. Enumerable.Range(0, Count).Select(i => i == 2 ? null : new Token(i))]);
        var source = new HandWrittenView(features, text, key, number, wide, bytes, flag, time, id, mixed, variable, words, token);
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        transformer.BatchSize = batchSize;
        IDataView view = transformer.Transform(source);

        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        Comparison[] columns =
        [
            Compare<ReadOnlyMemory<char>>("Text", value => value.ToString()), Compare<uint>("Key"), Compare<float>("Single"), Compare<double>("Double"),
            Compare<byte>("Byte"), Compare<bool>("Flag"), Compare<DateTime>("Time"), Compare<DataViewRowId>("Id"),
            Compare<VBuffer<float>>("Mixed", value => string.Join(" ", value.DenseValues())),
            Compare<VBuffer<int>>("Variable", value => string.Join(" ", value.DenseValues())),
            Compare<VBuffer<ReadOnlyMemory<char>>>("Words", value => string.Join(" ", value.DenseValues())), Compare<Token?>("Token"),
            Compare<VBuffer<float>>("Features", value => string.Join(" ", value.DenseValues())),
        ];
        using DataViewRowCursor original = source.GetRowCursor(source.Schema);
        foreach (Comparison comparison in columns)
            comparison.Begin(original, cursor);
        int row = 0;
        for (; cursor.MoveNext() && original.MoveNext(); row++)
        {
            foreach (Comparison comparison in columns)
                comparison.Check(row);
        }

        Assert.AreEqual(Count, row);

        VBuffer<float> SparseOrDense(int i) => (i % 3) switch
        {
            0 => new VBuffer<float>(5, [i, 2, 3, 4, 5]),
            1 => new VBuffer<float>(5, 2, [i, -1], [random.Next(0, 2), random.Next(2, 5)]),
            _ => new VBuffer<float>(5, 0, [], []),
        };
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(64)]
    public void Row_ids_batches_and_positions_are_those_of_the_input(int batchSize)
    {
        var source = new HandWrittenView(Features(Count));
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        transformer.BatchSize = batchSize;
        IDataView view = transformer.Transform(source);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema), original = source.GetRowCursor(source.Schema);
        ValueGetter<DataViewRowId> idGetter = cursor.GetIdGetter(), originalIdGetter = original.GetIdGetter();
        DataViewRowId id = default, originalId = default;
        Assert.AreEqual(-1, cursor.Position);
        while (cursor.MoveNext())
        {
            Assert.IsTrue(original.MoveNext());
            Assert.AreEqual(original.Position, cursor.Position);
            Assert.AreEqual(original.Batch, cursor.Batch);
            idGetter(ref id);
            originalIdGetter(ref originalId);
            Assert.AreEqual(originalId, id);
        }

        Assert.AreEqual(-1, cursor.Position);
        Assert.IsFalse(original.MoveNext());
    }

    [TestMethod]
    public void The_values_are_the_same_for_every_size_of_batch()
    {
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        transformer.BatchSize = Count;
        float[][] expected = Rows.Vectors(transformer.Transform(new HandWrittenView(Features(Count))), "Score");
        // Row i is (i / 4, 0): the squared distances to (0, 0) and (2, 0) differ by 4 - 4x, so p(left) = 1 / (1 + e^(4x - 4)).
        for (int i = 0; i < Count; i++)
            Assert.AreEqual(1 / (1 + Math.Exp(i - 4)), expected[i][0], 1e-6);
        foreach (int batchSize in new[] { 1, 2, 7, 22, 24, 64 })
        {
            transformer.BatchSize = batchSize;
            float[][] scores = Rows.Vectors(transformer.Transform(new HandWrittenView(Features(Count))), "Score");
            for (int i = 0; i < Count; i++)
                CollectionAssert.AreEqual(expected[i], scores[i], $"row {i} in batches of {batchSize}");
        }
    }

    [TestMethod]
    public void Only_what_is_asked_for_is_read_and_only_once()
    {
        HandWrittenColumn features = Features(Count), text = HandWrittenColumn.Text("Text", [.. Enumerable.Repeat("x", Count)]);
        var source = new HandWrittenView(features, text);
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml).WithEmbeddingColumn();
        transformer.BatchSize = 7;
        IDataView view = transformer.Transform(source);

        Rows.Values<uint>(view, "PredictedLabel");
        CollectionAssert.AreEqual(new[] { "Features" }, source.Needed.ToArray());
        Assert.AreEqual((Count, 0, Count), (features.Reads, text.Reads, source.Moves));

        Rows.Values<ReadOnlyMemory<char>>(view, "Text");
        CollectionAssert.AreEqual(new[] { "Text" }, source.Needed.ToArray());
        Assert.AreEqual((Count, Count, 2 * Count), (features.Reads, text.Reads, source.Moves));

        using (DataViewRowCursor cursor = view.GetRowCursor([]))
        {
            while (cursor.MoveNext())
            {
            }
        }

        Assert.IsEmpty(source.Needed);
        Assert.AreEqual((Count, Count, 3 * Count), (features.Reads, text.Reads, source.Moves));
    }

    [TestMethod]
    public void The_input_is_read_no_further_than_the_batch_of_the_current_row()
    {
        var source = new HandWrittenView(Features(Count));
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        transformer.BatchSize = 7;
        IDataView view = transformer.Transform(source);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Score"]]);
        Assert.AreEqual(0, source.Moves);
        cursor.MoveNext();
        Assert.AreEqual(7, source.Moves);
        for (int i = 1; i < 7; i++)
            cursor.MoveNext();
        Assert.AreEqual(7, source.Moves);
        cursor.MoveNext();
        Assert.AreEqual(14, source.Moves);
    }

    [TestMethod]
    public void A_getter_may_be_made_in_the_middle()
    {
        IDataView view = IdentityNetwork.LeftAndRight(_ml).Transform(new HandWrittenView(Features(Count)));
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        for (int i = 0; i < 4; i++)
            cursor.MoveNext();
        VBuffer<float> features = default;
        cursor.GetGetter<VBuffer<float>>(view.Schema["Features"])(ref features);
        CollectionAssert.AreEqual(new[] { 0.75f, 0 }, features.DenseValues().ToArray());
    }

    [TestMethod]
    public void A_value_may_be_changed_by_whoever_got_it()
    {
        IDataView view = IdentityNetwork.LeftAndRight(_ml).Transform(new HandWrittenView(Features(2)));
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        cursor.MoveNext();
        foreach (string column in new[] { "Features", "Score" })
        {
            ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(view.Schema[column]);
            VBuffer<float> value = default;
            getter(ref value);
            float[] expected = [.. value.DenseValues()];
            VBufferEditor.CreateFromBuffer(ref value).Values.Fill(99);
            VBuffer<float> again = default;
            getter(ref again);
            CollectionAssert.AreEqual(expected, again.DenseValues().ToArray(), column);
        }
    }

    [TestMethod]
    public void Sparse_features_are_those_of_a_dense_row()
    {
        // After the dense (5, 7) come the sparse (0, 0) and (2, 0): what is not said is 0, not what the row before had there.
        HandWrittenColumn features = HandWrittenColumn.Of<VBuffer<float>>("Features", new VectorDataViewType(NumberDataViewType.Single, 2),
            [new(2, [5, 7]), new(2, 0, [], []), new(2, 1, [2], [0])]);
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml).WithEmbeddingColumn("Z");
        foreach (int batchSize in new[] { 1, 3 })
        {
            transformer.BatchSize = batchSize;
            float[][] embeddings = Rows.Vectors(transformer.Transform(new HandWrittenView(features)), "Z");
            CollectionAssert.AreEqual(new float[] { 5, 7 }, embeddings[0]);
            CollectionAssert.AreEqual(new float[] { 0, 0 }, embeddings[1]);
            CollectionAssert.AreEqual(new float[] { 2, 0 }, embeddings[2]);
        }
    }

    [TestMethod]
    public void A_column_that_was_not_asked_for_has_no_getter()
    {
        IDataView view = IdentityNetwork.LeftAndRight(_ml).Transform(new HandWrittenView(Features(2), HandWrittenColumn.Text("Text", "x", "y")));
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["PredictedLabel"]]);
        Assert.IsTrue(cursor.IsColumnActive(view.Schema["PredictedLabel"]));
        foreach (string column in new[] { "Score", "Text", "Features" })
        {
            Assert.IsFalse(cursor.IsColumnActive(view.Schema[column]));
            var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Getter(cursor, column));
            Assert.AreEqual($"Column '{column}' is not active in this row. Name it where the cursor or the row is asked for.", exception.Message);
        }
    }

    [TestMethod]
    public void A_getter_of_another_type_is_refused()
    {
        IDataView view = IdentityNetwork.LeftAndRight(_ml).Transform(new HandWrittenView(Features(2)));
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<float>(view.Schema["PredictedLabel"]));
        Assert.AreEqual(
            $"Column 'PredictedLabel' is {cursor.Schema["PredictedLabel"].Type}: its getter gives UInt32, but was asked for Single.", exception.Message);
        Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<VBuffer<double>>(view.Schema["Features"]));
    }

    [TestMethod]
    public void A_column_of_another_view_is_refused()
    {
        IDataView view = IdentityNetwork.LeftAndRight(_ml).Transform(new HandWrittenView(Features(2)));
        var other = new HandWrittenView(HandWrittenColumn.Text("Text", "x"));
        var exception = Assert.ThrowsExactly<ArgumentException>(() => view.GetRowCursor([other.Schema["Text"]]));
        StringAssert.StartsWith(exception.Message, "Column 'Text' is not one of this view.", StringComparison.Ordinal);
    }

    [TestMethod]
    public void There_are_no_values_before_the_first_row_and_after_the_last()
    {
        IDataView view = IdentityNetwork.LeftAndRight(_ml).Transform(new HandWrittenView(Features(2)));
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<uint> label = cursor.GetGetter<uint>(view.Schema["PredictedLabel"]);
        ValueGetter<VBuffer<float>> features = cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]);
        ValueGetter<DataViewRowId> id = cursor.GetIdGetter();
        AssertNoValues();
        while (cursor.MoveNext())
        {
        }

        AssertNoValues();

        void AssertNoValues()
        {
            uint key = 0;
            VBuffer<float> row = default;
            DataViewRowId rowId = default;
            Assert.ThrowsExactly<InvalidOperationException>(() => label(ref key));
            Assert.ThrowsExactly<InvalidOperationException>(() => features(ref row));
            Assert.ThrowsExactly<InvalidOperationException>(() => id(ref rowId));
        }
    }

    [TestMethod]
    public void The_end_frees_the_input_and_stays_the_end()
    {
        var source = new HandWrittenView(Features(9));
        IDataView view = IdentityNetwork.LeftAndRight(_ml).Transform(source);
        DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        while (cursor.MoveNext())
        {
        }

        Assert.AreEqual(1, source.Disposed);
        Assert.IsFalse(cursor.MoveNext());
        cursor.Dispose();
        cursor.Dispose();
        Assert.AreEqual((1, 1), (source.Cursors, source.Disposed));
    }

    [TestMethod]
    public void A_cursor_that_is_given_up_frees_the_input()
    {
        var source = new HandWrittenView(Features(9));
        IDataView view = IdentityNetwork.LeftAndRight(_ml).Transform(source);
        DataViewRowCursor unread = view.GetRowCursor(view.Schema), halfRead = view.GetRowCursor(view.Schema);
        halfRead.MoveNext();
        unread.Dispose();
        halfRead.Dispose();
        Assert.AreEqual((2, 2), (source.Cursors, source.Disposed));
        Assert.IsFalse(halfRead.MoveNext());
        Assert.AreEqual(-1, halfRead.Position);
    }

    [TestMethod]
    [DataRow(Count, DisplayName = "to the end")]
    [DataRow(10, DisplayName = "to the middle")]
    public void Objects_of_the_users_are_never_freed(int rows)
    {
        Token[] tokens = [.. Enumerable.Range(0, Count).Select(i => new Token(i))];
        RunTokens(tokens, batchSize: 7, rows, taken: i => i % 3 == 0);
        CollectionAssert.AreEqual(new int[Count], tokens.Select(token => token.Disposals).ToArray());
    }

    [TestMethod]
    public void An_object_that_nobody_takes_goes_back_to_the_loader_that_made_it_and_one_that_somebody_takes_is_theirs()
    {
        Token[] tokens = [.. Enumerable.Range(0, Count).Select(i => new Token(i))];
        RunTokens(tokens, batchSize: 7, rows: Count, taken: i => i % 3 == 0, isLoader: true);
        // The last batch may still be in use when the cursor ends: the garbage collector frees it.
        int[] freed = [.. Enumerable.Range(0, Count).Select(i => i % 3 != 0 && i + 7 < Count ? 1 : 0)];
        CollectionAssert.AreEqual(freed, tokens.Select(token => token.Disposals).ToArray());
    }

    [TestMethod]
    public void No_rows_make_an_empty_view()
    {
        HandWrittenColumn none = HandWrittenColumn.Of<VBuffer<float>>("Features", new VectorDataViewType(NumberDataViewType.Single, 2), []);
        IDataView view = IdentityNetwork.LeftAndRight(_ml).Transform(new HandWrittenView(none));
        Assert.AreEqual(0, view.GetRowCount());
        Assert.IsEmpty(Rows.Vectors(view, "Score"));
    }

    [TestMethod]
    public void A_shuffled_view_has_the_same_rows_in_another_order()
    {
        (IDataView view, Dictionary<DataViewRowId, float> expected) = Cached(500);
        Assert.IsTrue(view.CanShuffle);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema, new Random(1));
        List<(DataViewRowId Id, float Feature, float Score)> rows = ReadRows(cursor);
        AssertSameRows(expected, rows);
        Assert.IsFalse(rows.Select(row => row.Feature).SequenceEqual(expected.Values), "The order is that of the input.");
    }

    [TestMethod]
    public void A_set_of_cursors_has_every_row_once()
    {
        (IDataView view, Dictionary<DataViewRowId, float> expected) = Cached(5000);
        DataViewRowCursor[] cursors = view.GetRowCursorSet(view.Schema, 4);
        Assert.IsGreaterThan(1, cursors.Length);
        // A cursor of a set waits for the others to take their batches, so each has its own thread.
        List<(DataViewRowId Id, float Feature, float Score)>[] parts = new List<(DataViewRowId, float, float)>[cursors.Length];
        Thread[] threads = [.. cursors.Select((cursor, index) => new Thread(() => parts[index] = ReadRows(cursor)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        AssertSameRows(expected, [.. parts.SelectMany(part => part)]);
        foreach (DataViewRowCursor cursor in cursors)
            cursor.Dispose();
    }

    private (IDataView View, Dictionary<DataViewRowId, float> Expected) Cached(int count)
    {
        IDataView cache = _ml.Data.Cache(new HandWrittenView(Features(count)));
        PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        transformer.BatchSize = 7;
        IDataView view = transformer.Transform(cache);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        return (view, ReadRows(cursor).ToDictionary(row => row.Id, row => row.Feature));
    }

    private static List<(DataViewRowId Id, float Feature, float Score)> ReadRows(DataViewRowCursor cursor)
    {
        ValueGetter<DataViewRowId> idGetter = cursor.GetIdGetter();
        ValueGetter<VBuffer<float>> featureGetter = cursor.GetGetter<VBuffer<float>>(cursor.Schema["Features"]),
            scoreGetter = cursor.GetGetter<VBuffer<float>>(cursor.Schema["Score"]);
        var rows = new List<(DataViewRowId, float, float)>();
        DataViewRowId id = default;
        VBuffer<float> features = default, score = default;
        while (cursor.MoveNext())
        {
            idGetter(ref id);
            featureGetter(ref features);
            scoreGetter(ref score);
            rows.Add((id, features.GetItemOrDefault(0), score.GetItemOrDefault(0)));
        }

        return rows;
    }

    private static void AssertSameRows(Dictionary<DataViewRowId, float> expected, List<(DataViewRowId Id, float Feature, float Score)> rows)
    {
        Assert.HasCount(expected.Count, rows);
        Assert.AreEqual(expected.Count, rows.Select(row => row.Id).Distinct().Count());
        foreach ((DataViewRowId id, float feature, float score) in rows)
        {
            Assert.AreEqual(expected[id], feature);
            Assert.AreEqual(1 / (1 + Math.Exp((4 * feature) - 4)), score, 1e-6);
        }
    }

    // Row i is (i / 4, 0).
    private static HandWrittenColumn<VBuffer<float>> Features(int count) =>
        HandWrittenColumn.Vectors("Features", [.. Enumerable.Range(0, count).Select(i => new[] { i / 4f, 0 })]);

    private void RunTokens(Token[] tokens, int batchSize, int rows, Func<int, bool> taken, bool isLoader = false)
    {
        HandWrittenColumn<Token?> column = HandWrittenColumn.Of<Token?>("Token", Token.ColumnType, tokens);
        var source = new HandWrittenView(Features(tokens.Length), isLoader ? column.Loading() : column);
        using PrototypicalNetworkTransformer transformer = IdentityNetwork.LeftAndRight(_ml);
        transformer.BatchSize = batchSize;
        IDataView view = transformer.Transform(source);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<Token?> getter = cursor.GetGetter<Token?>(view.Schema["Token"]);
        for (int row = 0; row < rows && cursor.MoveNext(); row++)
        {
            if (!taken(row))
                continue;
            Token? token = null;
            getter(ref token);
            Assert.AreSame(tokens[row], token);
        }

        if (rows == tokens.Length)
            Assert.IsFalse(cursor.MoveNext());
    }

    private static Delegate Getter(DataViewRow row, string column) => column switch
    {
        "Text" => row.GetGetter<ReadOnlyMemory<char>>(row.Schema[column]),
        _ => row.GetGetter<VBuffer<float>>(row.Schema[column]),
    };

    private static Comparison<T> Compare<T>(string column, Func<T, object?>? image = null) => new(column, image ?? (value => value));

    private abstract class Comparison
    {
        public abstract void Begin(DataViewRow expected, DataViewRow actual);

        public abstract void Check(int row);
    }

    private sealed class Comparison<T>(string column, Func<T, object?> image) : Comparison
    {
        private ValueGetter<T>? _expected;
        private ValueGetter<T>? _actual;
        private T _value = default!;  // one place for all rows, as ML.NET's own consumers have

        public override void Begin(DataViewRow expected, DataViewRow actual)
        {
            _expected = expected.GetGetter<T>(expected.Schema[column]);
            _actual = actual.GetGetter<T>(actual.Schema[column]);
        }

        public override void Check(int row)
        {
            T value = default!;
            _expected!(ref value);
            _actual!(ref _value);
            Assert.AreEqual(image(value), image(_value), $"{column} of row {row}");
        }
    }
}
