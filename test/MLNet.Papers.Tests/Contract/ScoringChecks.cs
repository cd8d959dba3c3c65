using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Tests.Contract;

/// <summary>What the contract says about the values that a model delivers, however they are asked for.</summary>
internal static class ScoringChecks
{
    private const int Threads = 8;

    [Point(7)]
    public static void Values_do_not_depend_on_which_columns_are_active(Workout workout)
    {
        IDataView view = workout.Model.Transform(workout.Data);
        foreach ((string name, DataViewSchema.Column[] columns) in Selections(view.Schema))
        {
            using DataViewRowCursor cursor = view.GetRowCursor(columns);
            foreach (DataViewSchema.Column column in columns)
                Assert.IsTrue(cursor.IsColumnActive(column), $"A cursor over {name} must have '{column.Name}' active.");
            Table actual = Expect.Works($"Reading {name}", () => Table.Read(cursor, columns));
            Expect.SameValues($"Read by a cursor over {name}", workout.Expected, actual, Tolerance.Reload);
        }
    }

    [Point(7)]
    public static void Sparse_vectors_give_the_values_of_dense_ones(Workout workout)
    {
        foreach (DataViewSchema.Column column in workout.Inputs().Where(input => input.Type is VectorDataViewType))
        {
            IDataView full = workout.Model.Transform(workout.Data.Halved(column.Name, isSparse: false));
            IDataView view = workout.Model.Transform(workout.Data.Halved(column.Name, isSparse: true));
            Table dense;
            try
            {
                dense = Table.Read(full);
            }
            catch (InvalidOperationException refusal) when (column.Type is VectorDataViewType { ItemType: KeyDataViewType })
            {
                // What a sparse vector leaves out are missing keys, which a model may refuse: then of either form.
                Exception same = Expect.Throws($"Sparse vectors in '{column.Name}'", () => Table.Read(view), typeof(InvalidOperationException));
                Assert.AreEqual(refusal.Message, same.Message);
                continue;
            }

            Table sparse = Expect.Works($"Sparse vectors in '{column.Name}'", () => Table.Read(view));
            Expect.SameValues($"With sparse vectors in '{column.Name}'", dense, sparse, Tolerance.Reload);
        }
    }

    [Point(8)]
    public static void Row_ids_are_stable_and_different(Workout workout)
    {
        Assert.AreEqual(workout.Expected.RowCount, workout.Expected.Ids.Distinct().Count(), "The row ids of a view must be different.");
        foreach ((string model, ITransformer transformer) in workout.Models())
        {
            IDataView view = transformer.Transform(workout.Data);
            foreach ((string name, DataViewSchema.Column[] columns) in Selections(view.Schema))
            {
                DataViewRowId[] ids = [.. Table.Read(view, columns).Ids];
                CollectionAssert.AreEqual(
                    workout.Expected.Ids.ToArray(), ids, $"A cursor of {model} over {name} must give the row ids of one over all columns.");
            }
        }
    }

    [Point(8)]
    public static void The_cursor_has_the_schema_of_its_view(Workout workout)
    {
        foreach ((string name, ITransformer model) in workout.Models())
        {
            IDataView view = model.Transform(workout.Data);
            foreach ((string selection, DataViewSchema.Column[] columns) in Selections(view.Schema))
            {
                using DataViewRowCursor cursor = view.GetRowCursor(columns);
                Assert.AreSame(view.Schema, cursor.Schema, $"The schema of a cursor of {name} over {selection} must be the object that its view has.");
            }
        }
    }

    [Point(11)]
    public static void Cursor_sets_give_the_same_rows(Workout workout)
    {
        IDataView view = workout.Model.Transform(workout.Data);
        foreach (Random? random in new[] { null, new Random(3) })
        {
            DataViewRowCursor[] cursors = view.GetRowCursorSet(view.Schema, 4, random);
            var parts = new Table[cursors.Length];
            OnThreads(cursors.Length, part =>
            {
                using DataViewRowCursor cursor = cursors[part];
                parts[part] = Table.Read(cursor, [.. view.Schema]);
            });
            Table all = new(view.Schema, [.. parts.SelectMany(part => part.Ids)],
                workout.Expected.Columns.Keys.ToDictionary(column => column, column => parts.SelectMany(part => part.Columns[column]).ToArray()));
            AssertSameRows(random is null ? "A set of cursors" : "A shuffled set of cursors", workout.Expected, all);
        }
    }

    [Point(11)]
    public static void Shuffled_cursors_give_the_same_rows(Workout workout)
    {
        IDataView view = workout.Model.Transform(workout.Data);
        Assert.AreEqual(workout.Data.CanShuffle, view.CanShuffle, "The transformed view must be able to shuffle if its input can.");
        Table shuffled = Table.Read(view, random: new Random(3));
        AssertSameRows("A shuffled cursor", workout.Expected, shuffled);
        Assert.IsFalse(workout.Expected.Ids.SequenceEqual(shuffled.Ids), "A cursor with a random generator must shuffle the rows.");
    }

    [Point(12)]
    public static void A_prediction_engine_gives_the_values_of_the_batch_path(Workout workout)
    {
        Table actual = Expect.Works("A prediction engine", () => workout.ExpectedRowByRow);
        Expect.SameValues("A prediction engine", workout.Expected, actual, Tolerance.Rounding);
    }

    [Point(13)]
    public static void Cursors_of_one_view_do_not_disturb_each_other(Workout workout)
    {
        IDataView view = workout.Model.Transform(workout.Data);
        DataViewSchema.Column[] outputs = [.. workout.Outputs()];
        using DataViewRowCursor ahead = view.GetRowCursor(outputs), behind = view.GetRowCursor(outputs);
        Func<object>[] readers = [.. outputs.Select(column => Table.Reader(behind, column))];
        Func<object>[] others = [.. outputs.Select(column => Table.Reader(ahead, column))];
        Assert.IsTrue(ahead.MoveNext(), "A cursor must deliver the rows.");
        for (int row = 0; ahead.MoveNext(); row++)
        {
            Assert.IsTrue(behind.MoveNext(), "A cursor must deliver as many rows as another.");
            for (int i = 0; i < outputs.Length; i++)
            {
                Check(workout.Expected.Columns[outputs[i].Index][row + 1], others[i](), row + 1, outputs[i].Name);
                Check(workout.Expected.Columns[outputs[i].Index][row], readers[i](), row, outputs[i].Name);
            }
        }

        static void Check(object expected, object actual, int row, string column) => Assert.IsTrue(Tolerance.Reload.AreEqual(expected, actual),
            $"With a second cursor one row away, column '{column}' must be {Table.Text(expected)} in row {row}, but is {Table.Text(actual)}.");
    }

    [Point(13)]
    public static void Eight_threads_get_the_values_of_one(Workout workout)
    {
        // Every thread reads the rows from another one on, so that what another thread left behind is never the right value by chance.
        int rows = workout.Data.Count;
        IDataView[] views =
            [.. Enumerable.Range(0, Threads).Select(thread => workout.Model.Transform(workout.Data.Cycle(rows, first: thread * rows / Threads)))];
        using var start = new Barrier(Threads);
        OnThreads(Threads, thread =>
        {
            int[] order = [.. Enumerable.Range(thread * rows / Threads, rows).Select(row => row % rows)];
            for (int pass = 0; pass < 3; pass++)
            {
                using DataViewRowCursor cursor = OpenTogether(views[thread], pass == 0);
                Expect.SameValues("Beside seven other threads", workout.Expected.Take(order), Table.Read(cursor, [.. views[thread].Schema]), Tolerance.Reload);
            }
        });

        DataViewRowCursor OpenTogether(IDataView view, bool isFirst)
        {
            try
            {
                return view.GetRowCursor(view.Schema);
            }
            finally
            {
                if (isFirst)
                    start.SignalAndWait();
            }
        }
    }

    [Point(14)]
    public static void Values_do_not_depend_on_the_batch_size(Workout workout)
    {
        int before = BatchSize.Of(workout.Loaded);
        Table expected = Table.Read(workout.Loaded.Transform(workout.Data));
        try
        {
            foreach (int size in (int[])[1, 7, 1000])
            {
                BatchSize.Set(workout.Loaded, size);
                Expect.SameValues($"With batches of {size}", expected, Table.Read(workout.Loaded.Transform(workout.Data)), Tolerance.Rounding);
            }
        }
        finally
        {
            BatchSize.Set(workout.Loaded, before);
        }
    }

    [Point(17)]
    public static void No_rows_give_an_empty_view(Workout workout)
    {
        IDataView view = Expect.Works("Transform of no rows", () => workout.Model.Transform(workout.Data.Take([])));
        Table empty = Expect.Works("Reading no rows", () => Table.Read(view));
        Assert.AreEqual(0, empty.RowCount, "No rows must give no rows.");
        Assert.IsTrue(view.GetRowCount() is null or 0, $"GetRowCount of no rows must be 0 or null, but is {view.GetRowCount()}.");
        if (SchemaComparison.FindDifference(workout.Model.Transform(workout.Data).Schema, view.Schema) is { } difference)
            Assert.Fail($"The schema of no rows: {difference}.");
    }

    [Point(17)]
    public static void One_row_is_scored(Workout workout) => AssertRows(workout, 1, "One row");

    [Point(17)]
    public static void One_row_more_than_a_batch_is_scored(Workout workout) =>
        AssertRows(workout, BatchSize.Of(workout.Model) + 1, "One row more than a batch");

    [Point(18)]
    public static void A_row_that_is_not_finite_gets_no_prediction(Workout workout)
    {
        foreach (DataViewSchema.Column column in Numbers.Among(workout.Inputs()))
        {
            (int Row, double Number)[] spoilt = [.. new[] { 0, 4, workout.Data.Count - 1 }.Zip(Numbers.NotFinite)];
            MemoryView data = spoilt.Aggregate(workout.Data, (view, next) => view.WithNumber(column.Name, next.Row, next.Number));
            string what = $"With {string.Join(", ", spoilt.Select(next => Table.Text(next.Number)))} in rows of '{column.Name}'";
            Check($"{what}, a cursor", Expect.Works(what, () => Table.Read(workout.Model.Transform(data), workout.Outputs())), workout.Expected);
            Check($"{what}, a prediction engine", Expect.Works(what, () => RowClasses.ScoreRowByRow(workout.Model, data)), workout.ExpectedRowByRow);

            void Check(string where, Table actual, Table expected)
            {
                foreach (DataViewSchema.Column output in workout.Outputs())
                {
                    foreach ((int row, double number) in spoilt)
                    {
                        object value = actual.Columns[output.Index][row];
                        Assert.IsTrue(
                            IsMissing(output, value), $"{where} must give no value for '{output.Name}' with {number}, but gives {Table.Text(value)}.");
                    }
                }

                int[] others = [.. Enumerable.Range(0, actual.RowCount).Except(spoilt.Select(next => next.Row))];
                Expect.SameValues($"{where} must leave the other rows alone", expected.Take(others), actual.Take(others), Tolerance.Rounding);
            }
        }
    }

    private static bool IsMissing(DataViewSchema.Column column, object value) => value switch
    {
        float number => float.IsNaN(number),
        double number => double.IsNaN(number),
        float[] numbers => numbers.All(float.IsNaN),
        double[] numbers => numbers.All(double.IsNaN),
        _ when column.Type is KeyDataViewType => Convert.ToUInt64(value, System.Globalization.CultureInfo.InvariantCulture) == 0,
        _ => true,
    };

    private static void AssertRows(Workout workout, int count, string what)
    {
        int[] rows = [.. Enumerable.Range(0, count).Select(row => row % workout.Data.Count)];
        Table actual = Expect.Works(what, () => Table.Read(workout.Model.Transform(workout.Data.Cycle(count))));
        Expect.SameValues(what, workout.Expected.Take(rows), actual, Tolerance.Rounding);
    }

    // In any order; the numbers of the rows tell them apart.
    private static void AssertSameRows(string what, Table expected, Table actual)
    {
        Dictionary<long, object[]> rows = expected.ByRowNumber(), found = actual.ByRowNumber();
        CollectionAssert.AreEquivalent(rows.Keys, found.Keys, $"{what} must give every row once.");
        int[] columns = [.. expected.Columns.Keys.Order()];
        foreach ((long number, object[] values) in rows)
        {
            for (int i = 0; i < values.Length; i++)
            {
                Assert.IsTrue(Tolerance.Rounding.AreEqual(values[i], found[number][i]),
                    $"{what} must give {Table.Text(values[i])} for '{expected.Schema[columns[i]].Name}' of row {number}, " +
                    $"but gives {Table.Text(found[number][i])}.");
            }
        }

        CollectionAssert.AreEquivalent(expected.Ids.ToArray(), actual.Ids.ToArray(), $"{what} must give the same row ids.");
    }

    private static IEnumerable<(string Name, DataViewSchema.Column[] Columns)> Selections(DataViewSchema schema) =>
    [
        ("all columns", [.. schema]),
        ("no columns", []),
        ("even columns", [.. schema.Where(column => column.Index % 2 == 0)]),
        ("odd columns", [.. schema.Where(column => column.Index % 2 == 1)]),
        .. schema.Select(column => ($"'{column.Name}' alone", new[] { column })),
    ];

    private static void OnThreads(int count, Action<int> action)
    {
        var failures = new Exception?[count];
        Thread[] threads = [.. Enumerable.Range(0, count).Select(index => new Thread(() =>
        {
            try
            {
                action(index);
            }
            catch (Exception exception)
            {
                failures[index] = exception;
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (failures.FirstOrDefault(failure => failure is not null) is { } first)
            Assert.Fail(first is UnitTestAssertException ? first.Message : $"A thread that scores beside others must work, but threw {Expect.Text(first)}");
    }
}

/// <summary>Columns of numbers, and numbers that no model can use.</summary>
internal static class Numbers
{
    public static double[] NotFinite { get; } = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    /// <summary>The columns among these that can hold such numbers.</summary>
    public static IEnumerable<DataViewSchema.Column> Among(IEnumerable<DataViewSchema.Column> columns) =>
        columns.Where(column => (column.Type as VectorDataViewType)?.ItemType.RawType is { } item ? IsFloating(item) : IsFloating(column.Type.RawType));

    private static bool IsFloating(Type type) => type == typeof(float) || type == typeof(double);
}
