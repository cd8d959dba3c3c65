using Microsoft.ML;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Training;

/// <summary>
/// Rows that a fit has a model score: cancellation is looked for before each of them. Models do not look for it, and read some rows ahead.
/// </summary>
/// <param name="source">The rows.</param>
/// <param name="check">Called before each row, on any thread; throws to stop.</param>
internal sealed class CancellableView(IDataView source, Action check) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(source.GetRowCursor(columnsNeeded, rand), check);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [.. source.GetRowCursorSet(columnsNeeded, n, rand).Select(cursor => new Cursor(cursor, check))];

    private sealed class Cursor(DataViewRowCursor input, Action check) : PassingCursor(input, input)
    {
        public override bool MoveNext()
        {
            check();
            return Input.MoveNext();
        }
    }
}
