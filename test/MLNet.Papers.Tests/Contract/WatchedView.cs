using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Rows that are counted as they are read, and something that happens when so many have been.</summary>
/// <param name="source">The rows.</param>
/// <param name="moment">How many rows, of all cursors together.</param>
/// <param name="happen">What happens then.</param>
internal sealed class WatchedView(IDataView source, int moment, Action happen) : IDataView
{
    private int _rows;

    /// <summary>How many rows were read.</summary>
    public int Rows => Volatile.Read(ref _rows);

    public bool CanShuffle => false;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, source.GetRowCursor(columnsNeeded));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private void Count()
    {
        if (Interlocked.Increment(ref _rows) == moment)
            happen();
    }

    private sealed class Cursor(WatchedView view, DataViewRowCursor input) : DataViewRowCursor
    {
        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => input.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => input.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => input.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool MoveNext()
        {
            bool hasRow = input.MoveNext();
            if (hasRow)
                view.Count();
            return hasRow;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }
}
