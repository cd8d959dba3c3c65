using Microsoft.ML;
using Microsoft.ML.Data;

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
        DataViewType item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        return item.RawType == typeof(byte) ? Create<byte>(input, column, value => value)
            : item.RawType == typeof(ushort) ? Create<ushort>(input, column, value => value)
            : item.RawType == typeof(uint) ? Create<uint>(input, column, value => (int)value)
            : Create<ulong>(input, column, value => (int)value);
    }

    /// <summary>Keys that a function gives, -1 for a missing one.</summary>
    public static KeyInput Create(Func<int> read) => new Single(read);

    private static KeyInput Create<T>(DataViewRow input, DataViewSchema.Column column, Func<T, int> toInt)
        where T : struct => column.Type is VectorDataViewType
            ? new Vector<T>(input.GetGetter<VBuffer<T>>(column), toInt)
            : CreateScalar(input.GetGetter<T>(column), toInt);

    private static Single CreateScalar<T>(ValueGetter<T> getter, Func<T, int> toInt)
        where T : struct
    {
        T value = default;
        return new Single(() =>
        {
            getter(ref value);
            return toInt(value) - 1;
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

    private sealed class Vector<T>(ValueGetter<VBuffer<T>> getter, Func<T, int> toInt) : KeyInput
        where T : struct
    {
        private readonly List<int> _keys = [];
        private VBuffer<T> _values;

        // What a sparse vector leaves out is missing.
        public override ReadOnlySpan<int> Read()
        {
            getter(ref _values);
            _keys.Clear();
            foreach (T value in _values.GetValues())
            {
                if (toInt(value) > 0)
                    _keys.Add(toInt(value) - 1);
            }

            return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_keys);
        }

        public override ReadOnlySpan<int> ReadAll()
        {
            getter(ref _values);
            _keys.Clear();
            foreach (T value in _values.DenseValues())
                _keys.Add(toInt(value) - 1);
            return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_keys);
        }
    }
}
