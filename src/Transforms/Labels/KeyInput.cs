using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Labels;

/// <summary>Reads a column of labels, one or several a row, as numbers of classes from 0.</summary>
internal abstract class KeyInput
{
    /// <summary>The labels of the input's current row without missing ones; they last until the next call.</summary>
    public abstract ReadOnlySpan<int> Read();

    /// <summary>All labels of the input's current row, -1 for a missing one; they last until the next call.</summary>
    public abstract ReadOnlySpan<int> ReadAll();

    /// <summary>Reads a column of keys, or of vectors of keys.</summary>
    public static KeyInput Create(DataViewRow input, string columnName)
    {
        DataViewSchema.Column column = input.Schema[columnName];
        var item = (KeyDataViewType)(column.Type is VectorDataViewType vector ? vector.ItemType : column.Type);
        return item.RawType == typeof(byte) ? Create<byte>(input, column, key => Index(key))
            : item.RawType == typeof(ushort) ? Create<ushort>(input, column, key => Index(key))
            : item.RawType == typeof(uint) ? Create<uint>(input, column, key => Index(key))
            : Create<ulong>(input, column, Index);

        int Index(ulong key) => key <= item.Count
            ? (int)key - 1
            : throw new InvalidOperationException(FormattableString.Invariant(
                $"Column '{columnName}' must have keys from 1 to {item.Count}, or 0 where there is none, but has {key} in row {input.Position}."));
    }

    /// <summary>Reads a column of values, or of vectors of values.</summary>
    /// <param name="input">The row.</param>
    /// <param name="column">The column.</param>
    /// <param name="index">The class of a value, -1 for none.</param>
    public static KeyInput Create<T>(DataViewRow input, DataViewSchema.Column column, Func<T, int> index) =>
        new Labels<T>(LabelValues.Reader<T>(input, column), index);

    /// <summary>The same labels under other numbers.</summary>
    /// <param name="number">The number of a label, below 0 for none.</param>
    public KeyInput Renumber(Func<int, int> number) => new Renumbered(this, number);

    private sealed class Renumbered(KeyInput keys, Func<int, int> number) : KeyInput
    {
        private readonly List<int> _labels = [];

        public override ReadOnlySpan<int> Read()
        {
            ReadAll();
            _labels.RemoveAll(label => label < 0);
            return CollectionsMarshal.AsSpan(_labels);
        }

        public override ReadOnlySpan<int> ReadAll()
        {
            _labels.Clear();
            foreach (int key in keys.ReadAll())
                _labels.Add(key < 0 ? -1 : number(key));
            return CollectionsMarshal.AsSpan(_labels);
        }
    }

    private sealed class Labels<T>(LabelValues<T> values, Func<T, int> index) : KeyInput
    {
        private readonly List<int> _labels = [];

        public override ReadOnlySpan<int> Read()
        {
            _labels.Clear();
            foreach (T value in values())
            {
                if (index(value) is var label and >= 0)
                    _labels.Add(label);
            }

            return CollectionsMarshal.AsSpan(_labels);
        }

        public override ReadOnlySpan<int> ReadAll()
        {
            _labels.Clear();
            foreach (T value in values())
                _labels.Add(index(value));
            return CollectionsMarshal.AsSpan(_labels);
        }
    }
}

/// <summary>The values of the current row; they last until the next call.</summary>
internal delegate ReadOnlySpan<T> LabelValues<T>();

/// <summary>Reads the values of labels.</summary>
internal static class LabelValues
{
    /// <summary>What reads a column of one value a row, or of several.</summary>
    public static LabelValues<T> Reader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType)
        {
            ValueGetter<T> getter = row.GetGetter<T>(row.Schema[column.Name]);
            var value = new T[1];
            return () =>
            {
                getter(ref value[0]);
                return value;
            };
        }

        ValueGetter<VBuffer<T>> vectorGetter = row.GetGetter<VBuffer<T>>(row.Schema[column.Name]);
        VBuffer<T> vector = default;
        T[] dense = [];
        return () =>
        {
            vectorGetter(ref vector);
            InputColumns.RequireLength(column, vector.Length, row.Position);
            if (dense.Length < vector.Length)
                Array.Resize(ref dense, vector.Length);
            vector.CopyTo(dense);
            return dense.AsSpan(0, vector.Length);
        };
    }
}
