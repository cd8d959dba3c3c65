using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Tests.Contract;

/// <summary>A column of a <see cref="MemoryView"/>.</summary>
internal abstract class MemoryColumn(string name, DataViewType type, DataViewSchema.Annotations? annotations)
{
    public string Name { get; } = name;

    public DataViewType Type { get; } = type;

    public DataViewSchema.Annotations? Annotations { get; } = annotations;

    /// <summary>The number of rows.</summary>
    public abstract int Count { get; }

    /// <summary>A <see cref="ValueGetter{TValue}"/> for the row that <paramref name="row"/> gives.</summary>
    public abstract Delegate CreateGetter(Func<int> row);

    /// <summary>The same column with a number that is not finite in one row; in a vector it is the last number.</summary>
    public virtual MemoryColumn WithNumber(int row, double number) => throw new NotSupportedException($"Column '{Name}' is {Type}.");

    /// <summary>The same column with a vector in one row that is cut off or goes on with the values of its beginning.</summary>
    public virtual MemoryColumn WithLength(int row, int length) => throw new NotSupportedException($"Column '{Name}' is {Type}.");

    /// <summary>The same vectors with a type that has dimensions.</summary>
    public virtual MemoryColumn WithDimensions(int[] dimensions) => throw new NotSupportedException($"Column '{Name}' is {Type}.");

    /// <summary>The same vectors with names for their numbers.</summary>
    public virtual MemoryColumn WithSlotNames(params string[] names) => throw new NotSupportedException($"Column '{Name}' is {Type}.");

    /// <summary>The same vectors with zeros in every other place, stored with or without these zeros.</summary>
    public virtual MemoryColumn Halved(bool isSparse) => throw new NotSupportedException($"Column '{Name}' is {Type}.");

    /// <summary>One number, Boolean, time or key a row.</summary>
    public static MemoryColumn Values<T>(string name, DataViewType type, T[] values, DataViewSchema.Annotations? annotations = null)
        where T : struct => new ValueColumn<T>(name, type, annotations, values);

    /// <summary>One text a row.</summary>
    public static MemoryColumn Texts(string name, IEnumerable<string> values) =>
        new ValueColumn<ReadOnlyMemory<char>>(name, TextDataViewType.Instance, null, [.. values.Select(value => value.AsMemory())]);

    /// <summary>One vector a row; without a size its length differs from row to row.</summary>
    public static MemoryColumn Vectors<T>(string name, PrimitiveDataViewType itemType, VBuffer<T>[] values, int size = 0) =>
        new VectorColumn<T>(name, new VectorDataViewType(itemType, size), null, values);

    /// <summary>One dense vector of Single of known length a row.</summary>
    public static MemoryColumn Vectors(string name, float[][] values) =>
        Vectors(name, NumberDataViewType.Single, [.. values.Select(value => new VBuffer<float>(value.Length, value))], values[0].Length);

    /// <summary>One object a row, such as an image.</summary>
    public static MemoryColumn Objects<T>(string name, DataViewType type, T[] values)
        where T : class => new ObjectColumn<T>(name, type, values);

    /// <summary>One key a row, with texts as key values.</summary>
    public static MemoryColumn Keys(string name, uint[] keys, params string[] keyValues) =>
        Values(name, new KeyDataViewType(typeof(uint), keyValues.Length), keys, Names("KeyValues", keyValues));

    /// <summary>Reads all columns of a view that are not hidden.</summary>
    public static IReadOnlyList<MemoryColumn> Read(IDataView view)
    {
        DataViewSchema.Column[] columns = [.. view.Schema.Where(column => !column.IsHidden)];
        using DataViewRowCursor cursor = view.GetRowCursor(columns);
        Builder[] builders = [.. columns.Select(column => Builder.Create(cursor, column))];
        while (cursor.MoveNext())
        {
            foreach (Builder builder in builders)
                builder.AddRow();
        }

        return [.. builders.Select(builder => builder.Build())];
    }

    private static DataViewSchema.Annotations Names(string kind, string[] names)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        VBuffer<ReadOnlyMemory<char>> texts = new(names.Length, [.. names.Select(name => name.AsMemory())]);
        annotations.Add(
            kind, new VectorDataViewType(TextDataViewType.Instance, names.Length), (ref VBuffer<ReadOnlyMemory<char>> value) => texts.CopyTo(ref value));
        return annotations.ToAnnotations();
    }

    private sealed class ValueColumn<T>(string name, DataViewType type, DataViewSchema.Annotations? annotations, T[] values)
        : MemoryColumn(name, type, annotations)
        where T : struct
    {
        public override int Count => values.Length;

        public override Delegate CreateGetter(Func<int> row) => (ValueGetter<T>)((ref T value) => value = values[row()]);

        public override MemoryColumn WithNumber(int row, double number)
        {
            T[] changed = [.. values];
            changed[row] = (T)Convert.ChangeType(number, typeof(T), System.Globalization.CultureInfo.InvariantCulture);
            return new ValueColumn<T>(Name, Type, Annotations, changed);
        }
    }

    private sealed class ObjectColumn<T>(string name, DataViewType type, T[] values) : MemoryColumn(name, type, null)
        where T : class
    {
        public override int Count => values.Length;

        public override Delegate CreateGetter(Func<int> row) => (ValueGetter<T>)((ref T value) => value = values[row()]);
    }

    private sealed class VectorColumn<T>(string name, DataViewType type, DataViewSchema.Annotations? annotations, VBuffer<T>[] values)
        : MemoryColumn(name, type, annotations)
    {
        public override int Count => values.Length;

        public override Delegate CreateGetter(Func<int> row) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => values[row()].CopyTo(ref value));

        public override MemoryColumn WithNumber(int row, double number)
        {
            VBuffer<T>[] changed = [.. values];
            T[] vector = [.. values[row].DenseValues()];
            vector[^1] = (T)Convert.ChangeType(number, typeof(T), System.Globalization.CultureInfo.InvariantCulture);
            changed[row] = new VBuffer<T>(vector.Length, vector);
            return new VectorColumn<T>(Name, Type, Annotations, changed);
        }

        public override MemoryColumn WithSlotNames(params string[] names) => new VectorColumn<T>(Name, Type, Names("SlotNames", names), values);

        public override MemoryColumn WithLength(int row, int length)
        {
            VBuffer<T>[] changed = [.. values];
            T[] vector = [.. values[row].DenseValues()];
            changed[row] = new VBuffer<T>(length, [.. Enumerable.Range(0, length).Select(slot => vector[slot % vector.Length])]);
            return new VectorColumn<T>(Name, Type, Annotations, changed);
        }

        public override MemoryColumn WithDimensions(int[] dimensions) =>
            new VectorColumn<T>(Name, new VectorDataViewType(((VectorDataViewType)Type).ItemType, dimensions), Annotations, values);

        public override MemoryColumn Halved(bool isSparse)
        {
            return new VectorColumn<T>(Name, Type, Annotations, [.. values.Select(Halve)]);

            VBuffer<T> Halve(VBuffer<T> value)
            {
                int[] kept = [.. Enumerable.Range(0, value.Length).Where(slot => slot % 2 == 1)];
                T[] dense = [.. value.DenseValues().Select((item, slot) => slot % 2 == 1 ? item : default!)];
                return isSparse ? new VBuffer<T>(value.Length, kept.Length, [.. kept.Select(slot => dense[slot])], kept) : new VBuffer<T>(dense.Length, dense);
            }
        }
    }

    private abstract class Builder
    {
        public static Builder Create(DataViewRow row, DataViewSchema.Column column)
        {
            Type builder = column.Type is VectorDataViewType vector
                ? typeof(VectorBuilder<>).MakeGenericType(vector.ItemType.RawType)
                : typeof(ValueBuilder<>).MakeGenericType(column.Type.RawType);
            return (Builder)Activator.CreateInstance(builder, BindingFlags.Public | BindingFlags.Instance, null, [row, column], null)!;
        }

        public abstract void AddRow();

        public abstract MemoryColumn Build();
    }

    private sealed class ValueBuilder<T>(DataViewRow row, DataViewSchema.Column column) : Builder
        where T : struct
    {
        private readonly ValueGetter<T> _getter = row.GetGetter<T>(column);
        private readonly List<T> _values = [];

        public override void AddRow()
        {
            T value = default;
            _getter(ref value);
            _values.Add(value is ReadOnlyMemory<char> text ? (T)(object)text.ToString().AsMemory() : value);
        }

        public override MemoryColumn Build() => new ValueColumn<T>(column.Name, column.Type, column.Annotations, [.. _values]);
    }

    private sealed class VectorBuilder<T>(DataViewRow row, DataViewSchema.Column column) : Builder
    {
        private readonly ValueGetter<VBuffer<T>> _getter = row.GetGetter<VBuffer<T>>(column);
        private readonly List<VBuffer<T>> _values = [];

        public override void AddRow()
        {
            VBuffer<T> value = default;
            _getter(ref value);
            _values.Add(value);
        }

        public override MemoryColumn Build() => new VectorColumn<T>(column.Name, column.Type, column.Annotations, [.. _values]);
    }
}
