using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>The values of one column of the input for the rows of a batch.</summary>
internal abstract class PassThroughColumn
{
    /// <summary>Keeps the value of the input's current row in a slot.</summary>
    public abstract void Read(int slot);

    /// <summary>A <see cref="ValueGetter{TValue}"/> that reads the current slot.</summary>
    public abstract Delegate CreateGetter(CurrentSlot slot);

    /// <summary>How much memory a slot's value takes, where that differs from value to value.</summary>
    public virtual long BytesOf(int slot) => 0;

    public static PassThroughColumn Create(DataViewRow input, DataViewSchema.Column column, int capacity)
    {
        Type value = column.Type.RawType;
        Type buffer = column.Type is VectorDataViewType vector
            ? typeof(VectorPassThroughColumn<>).MakeGenericType(vector.ItemType.RawType)
            : value.IsValueType ? typeof(ValuePassThroughColumn<>).MakeGenericType(value) : typeof(ObjectPassThroughColumn<>).MakeGenericType(value);
        return (PassThroughColumn)Activator.CreateInstance(buffer, input, column, capacity)!;
    }
}

/// <summary>Numbers, texts, keys: values that a plain assignment copies.</summary>
internal sealed class ValuePassThroughColumn<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : PassThroughColumn
    where T : struct
{
    private readonly ValueGetter<T> _getter = input.GetGetter<T>(column);
    private readonly T[] _values = new T[capacity];

    public override void Read(int slot) => _getter(ref _values[slot]);

    public override Delegate CreateGetter(CurrentSlot slot) => (ValueGetter<T>)((ref T value) => value = _values[slot.Current]);
}

/// <summary>Vectors: each slot keeps its own memory, which the next batch uses again.</summary>
internal sealed class VectorPassThroughColumn<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : PassThroughColumn
{
    private readonly ValueGetter<VBuffer<T>> _getter = input.GetGetter<VBuffer<T>>(column);
    private readonly VBuffer<T>[] _values = new VBuffer<T>[capacity];

    public override void Read(int slot) => _getter(ref _values[slot]);

    public override long BytesOf(int slot) => (long)_values[slot].GetValues().Length * Unsafe.SizeOf<T>();

    public override Delegate CreateGetter(CurrentSlot slot) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _values[slot.Current].CopyTo(ref value));
}

/// <summary>Objects such as images, which are handed to whoever asks for them.</summary>
/// <remarks>
/// The column frees nothing, for the objects may be the user's own. One that nobody took is handed back when the next is read: who made it frees it then, as in
/// all of ML.NET.
/// </remarks>
internal sealed class ObjectPassThroughColumn<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : PassThroughColumn
    where T : class
{
    private readonly ValueGetter<T?> _getter = input.GetGetter<T?>(column);
    private readonly T?[] _values = new T?[capacity];
    private readonly bool[] _taken = new bool[capacity];

    public override void Read(int slot)
    {
        if (_taken[slot])
            _values[slot] = null;
        _taken[slot] = false;
        _getter(ref _values[slot]);
    }

    public override long BytesOf(int slot) => _values[slot] is MLImage picture ? (long)picture.Width * picture.Height * sizeof(int) : 0;

    public override Delegate CreateGetter(CurrentSlot slot) => (ValueGetter<T?>)((ref T? value) =>
    {
        _taken[slot.Current] = true;
        value = _values[slot.Current];
    });
}
