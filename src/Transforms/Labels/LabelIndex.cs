using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Labels;

/// <summary>The classes of a label column, and how a row's label becomes the number of its class.</summary>
internal abstract class LabelIndex
{
    /// <summary>The classes; none if the label is no key and no row has one.</summary>
    public abstract ClassLabels Classes { get; }

    /// <summary>How many rows were found to have no label; 0 for keys, whose rows are not read.</summary>
    public int RowsWithoutLabel { get; private protected init; }

    /// <summary>Reads the labels of rows.</summary>
    public abstract KeyInput Reader(DataViewRow row);

    /// <summary>The classes of a key column as it names them; of another one the distinct values, sorted, for which the rows are read once.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="name">A label column.</param>
    /// <param name="check">Called for every row that is read; throws to stop.</param>
    public static LabelIndex Of(IDataView data, string name, Action? check = null)
    {
        DataViewSchema.Column column = data.Schema[name];
        return column.Type is KeyDataViewType or VectorDataViewType
            ? new Keys(column)
            : ClassLabels.Dispatch((PrimitiveDataViewType)column.Type, new ValueReader(data, column, check));
    }

    private sealed class Keys(DataViewSchema.Column column) : LabelIndex
    {
        public override ClassLabels Classes { get; } = ClassLabels.Of(column);

        public override KeyInput Reader(DataViewRow row) => KeyInput.Create(row, column.Name);
    }

    private sealed class ValueReader(IDataView data, DataViewSchema.Column column, Action? check) : ClassLabels.ITypedOperation<LabelIndex>
    {
        public LabelIndex Run<T>(Func<string, T> parse, Func<T, string> format)
        {
            int missing = 0;
            using DataViewRowCursor cursor = data.GetRowCursor([column]);
            var itemType = (PrimitiveDataViewType)column.Type;
            if (itemType is TextDataViewType)
            {
                ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
                ReadOnlyMemory<char> text = default;
                var texts = new HashSet<string>();
                HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup = texts.GetAlternateLookup<ReadOnlySpan<char>>();
                while (cursor.MoveNext())
                {
                    check?.Invoke();
                    getter(ref text);
                    if (text.IsEmpty)
                        missing++;
                    else
                        lookup.Add(text.Span);
                }

                return new Texts(column.Name, new ClassLabels(itemType, [.. texts.Order(StringComparer.Ordinal)])) { RowsWithoutLabel = missing };
            }

            ValueGetter<T> valueGetter = cursor.GetGetter<T>(column);
            T value = default!;
            var values = new HashSet<T>();
            while (cursor.MoveNext())
            {
                check?.Invoke();
                valueGetter(ref value);
                if (IsMissing(value))
                    missing++;
                else
                    values.Add(value);
            }

            T[] sorted = [.. values.Order()];
            return new Values<T>(column, new ClassLabels(itemType, [.. sorted.Select(format)]), sorted) { RowsWithoutLabel = missing };
        }
    }

    private sealed class Texts(string columnName, ClassLabels classes) : LabelIndex
    {
        private readonly Dictionary<string, int> _keys = classes.Names.Select((name, key) => (name, key)).ToDictionary(pair => pair.name, pair => pair.key);

        public override ClassLabels Classes => classes;

        public override KeyInput Reader(DataViewRow row)
        {
            ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(row.Schema[columnName]);
            Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = _keys.GetAlternateLookup<ReadOnlySpan<char>>();
            ReadOnlyMemory<char> text = default;
            return KeyInput.Create(() =>
            {
                getter(ref text);
                return lookup.TryGetValue(text.Span, out int key) ? key : -1;
            });
        }
    }

    private sealed class Values<T>(DataViewSchema.Column column, ClassLabels classes, T[] values) : LabelIndex
    {
        private readonly Dictionary<object, int> _keys = values.Select((value, key) => (value, key))
            .ToDictionary(pair => (object)pair.value!, pair => pair.key);

        public override ClassLabels Classes => classes;

        public override KeyInput Reader(DataViewRow row)
        {
            ValueGetter<T> getter = row.GetGetter<T>(row.Schema[column.Name]);
            T value = default!;
            return KeyInput.Create(() =>
            {
                getter(ref value);
                return IsMissing(value) ? -1 : _keys[value!];
            });
        }
    }

    private static bool IsMissing<T>(T value) => value is float.NaN or double.NaN;
}
