using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Labels;

/// <summary>Reads a column of keys, or of vectors of keys, as numbers from 0.</summary>
internal abstract class KeyInput
{
    /// <summary>The keys of the input's current row without missing ones; they last until the next call.</summary>
    public abstract ReadOnlySpan<int> Read();

    public static KeyInput Create(DataViewRow input, string columnName)
    {
        DataViewSchema.Column column = input.Schema[columnName];
        DataViewType item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        return item.RawType == typeof(byte) ? Create<byte>(input, column, value => value)
            : item.RawType == typeof(ushort) ? Create<ushort>(input, column, value => value)
            : item.RawType == typeof(uint) ? Create<uint>(input, column, value => (int)value)
            : Create<ulong>(input, column, value => (int)value);
    }

    private static KeyInput Create<T>(DataViewRow input, DataViewSchema.Column column, Func<T, int> toInt)
        where T : struct => column.Type is VectorDataViewType
            ? new Vector<T>(input.GetGetter<VBuffer<T>>(column), toInt)
            : new Scalar<T>(input.GetGetter<T>(column), toInt);

    private sealed class Scalar<T>(ValueGetter<T> getter, Func<T, int> toInt) : KeyInput
        where T : struct
    {
        private readonly int[] _key = new int[1];
        private T _value;

        public override ReadOnlySpan<int> Read()
        {
            getter(ref _value);
            _key[0] = toInt(_value) - 1;
            return _key[0] >= 0 ? _key : [];
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
    }
}
