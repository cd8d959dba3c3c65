using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>Which row of a batch is the current one; shared by a cursor and the getters it handed out.</summary>
internal sealed class CurrentSlot
{
    public int Index { get; set; } = -1;

    /// <summary>The same, for a getter.</summary>
    /// <exception cref="InvalidOperationException">There is no current row.</exception>
    public int Current =>
        Index >= 0 ? Index : throw new InvalidOperationException("The row has no values: its cursor stands before the first or after the last row.");
}

/// <summary>The values of one output column for a batch of rows.</summary>
internal abstract class OutputBuffer
{
    /// <summary>A <see cref="ValueGetter{TValue}"/> that reads the current row.</summary>
    public abstract Delegate CreateGetter(CurrentSlot slot);

    /// <summary>One value a row.</summary>
    public static ScalarOutputBuffer<T> Scalar<T>(int capacity) => new(capacity);

    /// <summary><paramref name="width"/> values a row.</summary>
    public static VectorOutputBuffer<T> Vector<T>(int capacity, int width)
        where T : unmanaged => new(capacity, width);

    /// <summary>As many values a row as it has.</summary>
    public static VariableVectorOutputBuffer<T> Variable<T>(int capacity) => new(capacity);
}

/// <inheritdoc/>
internal sealed class ScalarOutputBuffer<T>(int capacity) : OutputBuffer
{
    private readonly T[] _values = new T[capacity];

    public ref T this[int slot] => ref _values[slot];

    public override Delegate CreateGetter(CurrentSlot slot) => (ValueGetter<T>)((ref T value) => value = _values[slot.Current]);
}

/// <inheritdoc/>
internal sealed class VectorOutputBuffer<T>(int capacity, int width) : OutputBuffer
    where T : unmanaged
{
    private T[] _values = [];

    public Span<T> this[int slot]
    {
        get
        {
            ScoringMemory.MakeRoom(ref _values, slot, width, capacity);
            return _values.AsSpan(slot * width, width);
        }
    }

    /// <summary>The values of all rows, one row after the other.</summary>
    /// <param name="count">How many rows there must be room for.</param>
    public T[] Values(int count)
    {
        ScoringMemory.MakeRoom(ref _values, count - 1, width, capacity);
        return _values;
    }

    public override Delegate CreateGetter(CurrentSlot slot) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref value, width);
        this[slot.Current].CopyTo(editor.Values);
        value = editor.Commit();
    });
}

/// <inheritdoc/>
internal sealed class VariableVectorOutputBuffer<T>(int capacity) : OutputBuffer
{
    private readonly T[][] _values = new T[capacity][];

    public T[] this[int slot]
    {
        get => _values[slot];
        set => _values[slot] = value;
    }

    public override Delegate CreateGetter(CurrentSlot slot) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
    {
        T[] values = this[slot.Current];
        VBufferEditor<T> editor = VBufferEditor.Create(ref value, values.Length);
        values.CopyTo(editor.Values);
        value = editor.Commit();
    });
}
