using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Rows in memory that can be shuffled, read by several cursors at once, cut and changed.</summary>
internal sealed class MemoryView : IDataView
{
    private readonly IReadOnlyList<MemoryColumn> _columns;
    private readonly int[] _rows;

    /// <param name="columns">The columns; of two with the same name the first one is hidden.</param>
    /// <param name="rows">Which rows of the columns are there, in which order; all of them if null.</param>
    public MemoryView(IEnumerable<MemoryColumn> columns, IEnumerable<int>? rows = null)
    {
        _columns = [.. columns];
        _rows = [.. rows ?? Enumerable.Range(0, _columns.Count == 0 ? 0 : _columns[0].Count)];
        var builder = new DataViewSchema.Builder();
        foreach (MemoryColumn column in _columns)
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => true;

    public IReadOnlyList<MemoryColumn> Columns => _columns;

    /// <summary>The number of rows.</summary>
    public int Count => _rows.Length;

    public static MemoryView Of(IDataView view) => view as MemoryView ?? new MemoryView(MemoryColumn.Read(view));

    /// <summary>Other rows: some, none, or some twice.</summary>
    public MemoryView Take(IEnumerable<int> rows) => new(_columns, rows.Select(row => _rows[row]));

    /// <summary>The first rows; after the last one they begin anew.</summary>
    public MemoryView Cycle(int count, int first = 0) => Take(Enumerable.Range(first, count).Select(row => row % Count));

    public MemoryView Without(string name) => new(_columns.Where(column => column.Name != name), _rows);

    /// <summary>With a column in place of the one with its name, or at the end if there is none.</summary>
    public MemoryView With(MemoryColumn replacement) => _columns.Any(column => column.Name == replacement.Name)
        ? new(_columns.Select(column => column.Name == replacement.Name ? replacement : column), _rows)
        : new([.. _columns, replacement], _rows);

    /// <summary>With a number that is not finite, or very large, in one row of a column.</summary>
    public MemoryView WithNumber(string name, int row, double number)
    {
        int index = Schema[name].Index;
        return new(_columns.Select((column, i) => i == index ? column.WithNumber(_rows[row], number) : column), _rows);
    }

    /// <summary>With a vector in one row of a column that is shorter or longer than its type says.</summary>
    public MemoryView WithLength(string name, int row, int length)
    {
        int index = Schema[name].Index;
        return new(_columns.Select((column, i) => i == index ? column.WithLength(_rows[row], length) : column), _rows);
    }

    /// <summary>With a column of the same vectors whose type has dimensions.</summary>
    public MemoryView WithDimensions(string name, params int[] dimensions)
    {
        int index = Schema[name].Index;
        return new(_columns.Select((column, i) => i == index ? column.WithDimensions(dimensions) : column), _rows);
    }

    /// <summary>With zeros in every other place of the vectors in a column, stored with or without these zeros.</summary>
    public MemoryView Halved(string name, bool isSparse)
    {
        int index = Schema[name].Index;
        return new(_columns.Select((column, i) => i == index ? column.Halved(isSparse) : column), _rows);
    }

    public long? GetRowCount() => _rows.Length;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded, Order(rand));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        int[] order = Order(rand);
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        return [.. Enumerable.Range(0, n).Select(part => new Cursor(this, columns, [.. order.Where((_, i) => i % n == part)]))];
    }

    private int[] Order(Random? random)
    {
        int[] order = [.. Enumerable.Range(0, _rows.Length)];
        random?.Shuffle(order);
        return order;
    }

    private sealed class Cursor(MemoryView view, IEnumerable<DataViewSchema.Column> columns, int[] order) : DataViewRowCursor
    {
        private readonly HashSet<int> _active = [.. columns.Select(column => column.Index)];
        private int _position = -1;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _position;

        public override long Batch => _position < 0 ? 0 : order[_position];

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Assert.IsTrue(IsColumnActive(column), $"Column '{column.Name}' of the input is read, but the cursor was asked for {_active.Count} others.");
            return (ValueGetter<TValue>)view._columns[column.Index].CreateGetter(() => view._rows[order[_position]]);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) =>
            value = new DataViewRowId(unchecked((ulong)(order[_position] + 1) * 0x9E37_79B9_7F4A_7C15UL), (ulong)order[_position]);

        public override bool MoveNext()
        {
            if (_position + 1 >= order.Length)
            {
                _position = -1;
                order = [];
                return false;
            }

            _position++;
            return true;
        }
    }
}
