using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.LanguageModel;

/// <summary>A view of one column, whose values are in memory.</summary>
internal static class ColumnView
{
    private delegate void Copying<T>(in T own, ref T value);

    /// <summary>A column of single values.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="values">The value of each row.</param>
    public static IDataView Of<T>(string name, DataViewType type, T[] values) =>
        new View<T>(SchemaOf(name, type, null), values, (in own, ref value) => value = own);

    /// <summary>A column of vectors. Whoever reads one gets a copy.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="annotations">Its annotations.</param>
    /// <param name="values">The vector of each row.</param>
    public static IDataView Of<T>(string name, VectorDataViewType type, DataViewSchema.Annotations? annotations, VBuffer<T>[] values) =>
        new View<VBuffer<T>>(SchemaOf(name, type, annotations), values, (in own, ref value) => own.CopyTo(ref value));

    private static DataViewSchema SchemaOf(string name, DataViewType type, DataViewSchema.Annotations? annotations)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(name, type, annotations);
        return builder.ToSchema();
    }

    private sealed class View<T>(DataViewSchema schema, T[] values, Copying<T> copy) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => schema;

        public long? GetRowCount() => values.Length;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            new Cursor<T>(schema, values, copy, columnsNeeded.Any());

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];
    }

    private sealed class Cursor<T>(DataViewSchema schema, T[] values, Copying<T> copy, bool isActive) : DataViewRowCursor
    {
        private long _next;

        public override DataViewSchema Schema => schema;

        // -1 before the first row and behind the last one.
        public override long Position => _next <= values.Length ? _next - 1 : -1;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => isActive;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!isActive || column.Index != 0)
                throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this cursor.");
            ValueGetter<T> getter = (ref T value) => copy(in values[Current], ref value);
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column '{column.Name}' has values of {typeof(T).Name}, not of {typeof(TValue).Name}.");
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)Current, 0);

        public override bool MoveNext()
        {
            _next = Math.Min(_next + 1, values.Length + 1L);
            return _next <= values.Length;
        }

        private long Current => Position >= 0
            ? Position
            : throw new InvalidOperationException("The row has no values: its cursor stands before the first or after the last row.");
    }
}
