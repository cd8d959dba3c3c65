using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MLNet.Papers.FastText;

/// <summary>Rows of numbers, one after the other.</summary>
internal sealed class DenseMatrix : EmbeddingMatrix
{
    private readonly float[] _values;

    /// <param name="rows">How many rows.</param>
    /// <param name="columns">How many values in a row.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more values than an array can hold.</exception>
    public DenseMatrix(long rows, int columns)
        : this(LargeArray.Zeros<float>(CheckedLength(rows, columns)), (int)rows, columns)
    {
    }

    /// <summary>Takes the values as they are; what the array has beyond them is not used.</summary>
    public DenseMatrix(float[] values, int rows, int columns)
        : base(rows, columns)
    {
        if (values.Length < (long)rows * columns)
            throw new ArgumentException($"{rows} rows of {columns} values are more than {values.Length} values.", nameof(values));
        _values = values;
    }

    /// <summary>All values, row-major.</summary>
    public Span<float> Values => _values.AsSpan(0, Rows * Columns);

    /// <summary>A row that can be kept.</summary>
    public ReadOnlyMemory<float> RowMemory(int row) => _values.AsMemory(row * Columns, Columns);

    public Span<float> Row(int row) => _values.AsSpan(row * Columns, Columns);

    public override void AddRow(int row, Span<float> sum, float scale = 1)
    {
        if (scale == 1)
            TensorPrimitives.Add(sum, Row(row), sum);
        else
            TensorPrimitives.MultiplyAdd(Row(row), scale, sum, sum);
    }

    public override void AddRows(ReadOnlySpan<int> rows, Span<float> sum)
    {
        if (rows.IndexOfAnyExceptInRange(0, Rows - 1) is >= 0 and int wrong)
            throw new ArgumentOutOfRangeException(nameof(rows), rows[wrong], $"The matrix has {Rows} rows.");
        ArgumentOutOfRangeException.ThrowIfNotEqual(sum.Length, Columns);
        ref float values = ref MemoryMarshal.GetArrayDataReference(_values);
        ref float sums = ref MemoryMarshal.GetReference(sum);
        int column = 0;
        for (; column + (2 * Vector256<float>.Count) <= Columns; column += 2 * Vector256<float>.Count)
            AddColumns(rows, ref Unsafe.Add(ref values, column), ref Unsafe.Add(ref sums, column));
        for (; column < Columns; column++)
        {
            foreach (int row in rows)
                sum[column] += Unsafe.Add(ref values, ((nint)row * Columns) + column);
        }
    }

    public override float Dot(int row, ReadOnlySpan<float> vector) => TensorPrimitives.Dot(Row(row), vector);

    // The sums of two registers' columns stay in registers while all rows pass; rows that are in no near cache are then fetched side by side.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddColumns(ReadOnlySpan<int> rows, ref float values, ref float sums)
    {
        Vector256<float> first = Vector256.LoadUnsafe(ref sums), second = Vector256.LoadUnsafe(ref sums, (nuint)Vector256<float>.Count);
        foreach (int row in rows)
        {
            ref float start = ref Unsafe.Add(ref values, (nint)row * Columns);
            first += Vector256.LoadUnsafe(ref start);
            second += Vector256.LoadUnsafe(ref start, (nuint)Vector256<float>.Count);
        }

        first.StoreUnsafe(ref sums);
        second.StoreUnsafe(ref sums, (nuint)Vector256<float>.Count);
    }

    private static long CheckedLength(long rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, int.MaxValue);
        long length = rows * columns;
        return length <= Array.MaxLength
            ? length
            : throw new ArgumentOutOfRangeException(nameof(rows), $"{rows} rows of {columns} values are more than an array can hold ({Array.MaxLength}).");
    }
}
