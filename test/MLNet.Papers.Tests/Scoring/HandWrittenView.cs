using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Tests.Scoring;

/// <summary>A view over values in memory, with columns of any type, that counts what is asked of it.</summary>
internal sealed class HandWrittenView : IDataView
{
    private readonly HandWrittenColumn[] _columns;
    private readonly int _count;

    /// <param name="columns">Columns of one length.</param>
    public HandWrittenView(params HandWrittenColumn[] columns)
    {
        _columns = columns;
        _count = columns[0].Count;
        var builder = new DataViewSchema.Builder();
        foreach (HandWrittenColumn column in columns)
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    /// <summary>Cursors that were made.</summary>
    public int Cursors { get; private set; }

    /// <summary>Cursors that were disposed, each counted once.</summary>
    public int Disposed { get; private set; }

    /// <summary>Rows that were moved to, over all cursors.</summary>
    public int Moves { get; private set; }

    /// <summary>The columns that the latest cursor was asked for.</summary>
    public IReadOnlyList<string> Needed { get; private set; } = [];

    public long? GetRowCount() => _count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly HandWrittenView _view;
        private readonly HashSet<int> _active;
        private int _position = -1;
        private bool _ended;
        private bool _disposed;

        public Cursor(HandWrittenView view, IEnumerable<DataViewSchema.Column> active)
        {
            _view = view;
            _active = [.. active.Select(column => column.Index)];
            view.Cursors++;
            view.Needed = [.. view.Schema.Where(column => _active.Contains(column.Index)).Select(column => column.Name)];
        }

        public override long Position => _position;

        // Five rows a batch, as if a cursor set had dealt them out.
        public override long Batch => _position < 0 ? 0 : _position / 5;

        public override DataViewSchema Schema => _view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override bool MoveNext()
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_ended || _position + 1 == _view._count)
            {
                _ended = true;
                _position = -1;
                return false;
            }

            _position++;
            _view.Moves++;
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 7);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new InvalidOperationException($"'{column.Name}' was not asked for.");
            return (ValueGetter<TValue>)_view._columns[column.Index].CreateGetter(() => _position);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
                _view.Disposed++;
            _disposed = true;
            base.Dispose(disposing);
        }
    }
}

/// <summary>A column of a <see cref="HandWrittenView"/>.</summary>
internal abstract class HandWrittenColumn(string name, DataViewType type, int count, DataViewSchema.Annotations? annotations)
{
    public string Name { get; } = name;

    public DataViewType Type { get; } = type;

    public int Count { get; } = count;

    public DataViewSchema.Annotations? Annotations { get; } = annotations;

    /// <summary>How often a value was asked for.</summary>
    public int Reads { get; protected set; }

    public abstract Delegate CreateGetter(Func<int> position);

    public static HandWrittenColumn<T> Of<T>(string name, DataViewType type, IReadOnlyList<T> values, DataViewSchema.Annotations? annotations = null) =>
        new(name, type, values, annotations);

    public static HandWrittenColumn<ReadOnlyMemory<char>> Text(string name, params string[] values) =>
        new(name, TextDataViewType.Instance, [.. values.Select(value => value.AsMemory())]);

    /// <summary>Dense vectors of one length.</summary>
    public static HandWrittenColumn<VBuffer<float>> Vectors(string name, params float[][] values) =>
        new(
            name, new VectorDataViewType(NumberDataViewType.Single, values.Length == 0 ? 1 : values[0].Length),
            [.. values.Select(value => new VBuffer<float>(value.Length, value))]);

    /// <summary>A key column, with key values if there are any.</summary>
    public static HandWrittenColumn<uint> Keys(string name, uint[] keys, params string[] keyValues) =>
        Keys(name, keys, TextDataViewType.Instance, [.. keyValues.Select(value => value.AsMemory())]);

    public static HandWrittenColumn<uint> Keys<T>(string name, uint[] keys, PrimitiveDataViewType type, T[] keyValues)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        if (keyValues.Length > 0)
        {
            annotations.Add(
                "KeyValues", new VectorDataViewType(type, keyValues.Length), (ref VBuffer<T> value) => value = new VBuffer<T>(keyValues.Length, keyValues));
        }

        return new(name, new KeyDataViewType(typeof(uint), keyValues.Length > 0 ? keyValues.Length : (int)keys.Max()), keys, annotations.ToAnnotations());
    }
}

/// <inheritdoc/>
internal sealed class HandWrittenColumn<T>(
    string name, DataViewType type, IReadOnlyList<T> values, DataViewSchema.Annotations? annotations = null, bool isLoader = false)
    : HandWrittenColumn(name, type, values.Count, annotations)
{
    /// <summary>The same values from a loader, which frees what it finds in a buffer before it puts a new object there.</summary>
    public HandWrittenColumn<T> Loading() => new(Name, Type, values, Annotations, isLoader: true);

    public override Delegate CreateGetter(Func<int> position) => (ValueGetter<T>)((ref T value) =>
    {
        Reads++;
        if (isLoader)
            (value as IDisposable)?.Dispose();
        value = values[position()];
    });
}
