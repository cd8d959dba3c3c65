using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Labels;

/// <summary>Reads a column of keys, or of vectors of keys, as numbers from 0.</summary>
internal abstract class KeyInput
{
    /// <summary>The keys of the input's current row without missing ones; they last until the next call.</summary>
    public abstract ReadOnlySpan<int> Read();

    /// <summary>All keys of the input's current row, -1 for a missing one; they last until the next call.</summary>
    public abstract ReadOnlySpan<int> ReadAll();

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

    /// <summary>Keys that a function gives, -1 for a missing one.</summary>
    public static KeyInput Create(Func<int> read) => new Single(read);

    private static KeyInput Create<T>(DataViewRow input, DataViewSchema.Column column, Func<T, int> index)
        where T : struct => column.Type is VectorDataViewType
            ? new Vector<T>(input, column, index)
            : CreateScalar(input.GetGetter<T>(column), index);

    private static Single CreateScalar<T>(ValueGetter<T> getter, Func<T, int> index)
        where T : struct
    {
        T value = default;
        return new Single(() =>
        {
            getter(ref value);
            return index(value);
        });
    }

    private sealed class Single(Func<int> read) : KeyInput
    {
        private readonly int[] _key = new int[1];

        public override ReadOnlySpan<int> Read() => ReadAll()[0] >= 0 ? _key : [];

        public override ReadOnlySpan<int> ReadAll()
        {
            _key[0] = read();
            return _key;
        }
    }

    private sealed class Vector<T>(DataViewRow input, DataViewSchema.Column column, Func<T, int> index) : KeyInput
        where T : struct
    {
        private readonly ValueGetter<VBuffer<T>> _getter = input.GetGetter<VBuffer<T>>(column);
        private readonly List<int> _keys = [];
        private VBuffer<T> _values;

        // What a sparse vector leaves out is missing.
        public override ReadOnlySpan<int> Read()
        {
            ReadValues();
            foreach (T value in _values.GetValues())
            {
                if (index(value) is var key and >= 0)
                    _keys.Add(key);
            }

            return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_keys);
        }

        public override ReadOnlySpan<int> ReadAll()
        {
            ReadValues();
            foreach (T value in _values.DenseValues())
                _keys.Add(index(value));
            return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_keys);
        }

        private void ReadValues()
        {
            _getter(ref _values);
            InputColumns.RequireLength(column, _values.Length, input.Position);
            _keys.Clear();
        }
    }
}
