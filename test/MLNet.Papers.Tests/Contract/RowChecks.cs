using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Tests.Contract;

/// <summary>What the contract says about rows that are not what their column promises, and about inputs that fail.</summary>
internal static class RowChecks
{
    private const int BrokenRow = 5;

    [Point(23)]
    public static void A_vector_of_another_length_is_refused_by_name(Workout workout)
    {
        string[] inputs = [.. workout.Inputs().Select(column => column.Name)];
        foreach (DataViewSchema.Column column in workout.OwnRows.Schema.Where(column => column.Type is VectorDataViewType { IsKnownSize: true }))
        {
            int size = ((VectorDataViewType)column.Type).Size;
            foreach (int length in new[] { 0, size - 1, size + 1, 2 * size }.Distinct())
            {
                MemoryView broken = workout.Data.WithLength(column.Name, BrokenRow, length);
                if (workout.Case.Learns)
                    AssertRefused("Fit", column.Name, size, length, () => workout.Create(Workout.NewContext()).Fit(broken));
                if (!inputs.Contains(column.Name))
                    continue;
                foreach ((string name, ITransformer model) in workout.Models())
                    AssertRefused($"A view of {name}", column.Name, size, length, () => Table.Read(model.Transform(broken)));
                AssertRefused("A prediction engine", column.Name, size, length, () => RowClasses.ScoreRowByRow(workout.Model, broken));
            }
        }
    }

    [Point(26)]
    public static void After_an_exception_from_upstream_a_cursor_gives_no_more_rows(Workout workout)
    {
        foreach (int rows in new[] { 0, 1, BrokenRow })
        {
            IDataView view = workout.Model.Transform(new ThrowingView(workout.Data, rows));
            using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
            Expect.Throws("A cursor whose input throws", () => Table.Read(cursor, [.. view.Schema]), typeof(UpstreamException));
            for (int i = 0; i < 3; i++)
                Assert.IsFalse(HasMore(cursor), $"A cursor whose input threw after {rows} rows must give no more rows, but gave one.");
        }

        static bool HasMore(DataViewRowCursor cursor)
        {
            try
            {
                return cursor.MoveNext();
            }
            catch (Exception exception) when (exception is UpstreamException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    private static void AssertRefused(string who, string column, int size, int length, Func<object?> use)
    {
        string what = $"{who} with {length} values in place of {size} in column '{column}'";
        Exception error = Expect.Throws(what, use, typeof(InvalidOperationException));
        foreach (string part in new[] { $"'{column}'", $" {size} ", $" {length} ", "in row " })
            Assert.Contains(part, error.Message, $"{what} must say '{part}', but said: {error.Message}");
    }

    /// <summary>Rows that end in an exception; a cursor that is asked again has more.</summary>
    private sealed class ThrowingView(IDataView source, int rows) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => source.Schema;

        public long? GetRowCount() => null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            new Cursor(source.GetRowCursor(columnsNeeded), rows);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded)];

        private sealed class Cursor(DataViewRowCursor input, int rows) : DataViewRowCursor
        {
            private int _moves;

            public override long Position => input.Position;

            public override long Batch => input.Batch;

            public override DataViewSchema Schema => input.Schema;

            public override bool IsColumnActive(DataViewSchema.Column column) => input.IsColumnActive(column);

            public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => input.GetGetter<TValue>(column);

            public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

            public override bool MoveNext() => _moves++ == rows ? throw new UpstreamException() : input.MoveNext();
        }
    }

    private sealed class UpstreamException() : Exception("The input failed.");
}
