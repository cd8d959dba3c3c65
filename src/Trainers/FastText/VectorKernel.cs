using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>What training does with padded rows, in registers of either width. Lengths are multiples of 16.</summary>
internal static class VectorKernel<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    // The shortest row: a cache line.
    private const int Narrow = 16;

    private static nuint Step
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)TLanes.Count;
    }

    /// <summary>The inner products of a vector and six rows, in the first six places; the others hold anything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Dots(ref float vector, in RowGroup rows, nuint length)
    {
        TLanes sum0 = default, sum1 = default, sum2 = default, sum3 = default, sum4 = default, sum5 = default;
        for (nuint i = 0; i < length; i += Step)
        {
            TLanes values = TLanes.Load(in vector, i);
            sum0 = TLanes.MultiplyAdd(values, TLanes.Load(in rows.Row0, i), sum0);
            sum1 = TLanes.MultiplyAdd(values, TLanes.Load(in rows.Row1, i), sum1);
            sum2 = TLanes.MultiplyAdd(values, TLanes.Load(in rows.Row2, i), sum2);
            sum3 = TLanes.MultiplyAdd(values, TLanes.Load(in rows.Row3, i), sum3);
            sum4 = TLanes.MultiplyAdd(values, TLanes.Load(in rows.Row4, i), sum4);
            sum5 = TLanes.MultiplyAdd(values, TLanes.Load(in rows.Row5, i), sum5);
        }

        return TLanes.Sums(sum0, sum1, sum2, sum3, sum4, sum5);
    }

    /// <summary>gradient += scale · row and then row += scale · vector, for six rows at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Exchange(ref float vector, ref float gradient, in RowGroup rows, ref float scales, nuint length)
    {
        TLanes by0 = TLanes.Broadcast(scales), by1 = TLanes.Broadcast(Unsafe.Add(ref scales, 1)), by2 = TLanes.Broadcast(Unsafe.Add(ref scales, 2));
        TLanes by3 = TLanes.Broadcast(Unsafe.Add(ref scales, 3)),
            by4 = TLanes.Broadcast(Unsafe.Add(ref scales, 4)),
            by5 = TLanes.Broadcast(Unsafe.Add(ref scales, 5));
        for (nuint i = 0; i < length; i += Step)
        {
            TLanes values = TLanes.Load(in vector, i);
            TLanes old0 = TLanes.Load(in rows.Row0, i), old1 = TLanes.Load(in rows.Row1, i), old2 = TLanes.Load(in rows.Row2, i);
            TLanes old3 = TLanes.Load(in rows.Row3, i), old4 = TLanes.Load(in rows.Row4, i), old5 = TLanes.Load(in rows.Row5, i);
            TLanes sum = TLanes.MultiplyAdd(by0, old0, TLanes.Load(in gradient, i));
            sum = TLanes.MultiplyAdd(by1, old1, sum);
            sum = TLanes.MultiplyAdd(by2, old2, sum);
            sum = TLanes.MultiplyAdd(by3, old3, sum);
            sum = TLanes.MultiplyAdd(by4, old4, sum);
            TLanes.MultiplyAdd(by5, old5, sum).Store(ref gradient, i);
            TLanes.MultiplyAdd(by0, values, old0).Store(ref rows.Row0, i);
            TLanes.MultiplyAdd(by1, values, old1).Store(ref rows.Row1, i);
            TLanes.MultiplyAdd(by2, values, old2).Store(ref rows.Row2, i);
            TLanes.MultiplyAdd(by3, values, old3).Store(ref rows.Row3, i);
            TLanes.MultiplyAdd(by4, values, old4).Store(ref rows.Row4, i);
            TLanes.MultiplyAdd(by5, values, old5).Store(ref rows.Row5, i);
        }
    }

    /// <summary>sum += scale · row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref float sum, ref float row, float scale, nuint length)
    {
        TLanes by = TLanes.Broadcast(scale);
        for (nuint i = 0; i < length; i += Step)
            TLanes.MultiplyAdd(by, TLanes.Load(in row, i), TLanes.Load(in sum, i)).Store(ref sum, i);
    }

    /// <summary>The mean of some rows; zero if there are none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Mean(TrainingMatrix matrix, ReadOnlySpan<int> rows, ref float mean)
    {
        Clear(ref mean, matrix.Stride);
        Add(ref mean, matrix, rows, 1f / Math.Max(rows.Length, 1));
    }

    /// <summary>Sets a vector to zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Clear(ref float vector, nuint length)
    {
        for (nuint i = 0; i < length; i += Step)
            default(TLanes).Store(ref vector, i);
    }

    /// <summary>sum += scale · each of the rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref float sum, TrainingMatrix matrix, ReadOnlySpan<int> rows, float scale)
    {
        if (matrix.Stride == Narrow)
            AddNarrow(ref sum, matrix, rows, scale);
        else
            AddWide(ref sum, matrix, rows, scale);
    }

    /// <summary>Each of the rows += scale · vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(TrainingMatrix matrix, ReadOnlySpan<int> rows, ref float vector, float scale)
    {
        if (matrix.Stride == Narrow)
        {
            AddToNarrow(matrix, rows, ref vector, scale);
            return;
        }

        foreach (int row in rows)
            Add(ref matrix.Row(row), ref vector, scale, matrix.Stride);
    }

    // One cache line, which stays in registers while all rows pass: in two sums, so that an addition need not wait for the one before.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddNarrow(ref float sum, TrainingMatrix matrix, ReadOnlySpan<int> rows, float scale)
    {
        TLanes by = TLanes.Broadcast(scale);
        TLanes even = TLanes.Load(in sum, 0), odd = default;
        TLanes evenEnd = Step < Narrow ? TLanes.Load(in sum, Step) : default, oddEnd = default;
        int next = 0;
        for (; next + 1 < rows.Length; next += 2)
        {
            ref float first = ref matrix.Row(rows[next]);
            ref float second = ref matrix.Row(rows[next + 1]);
            even = TLanes.MultiplyAdd(by, TLanes.Load(in first, 0), even);
            odd = TLanes.MultiplyAdd(by, TLanes.Load(in second, 0), odd);
            if (Step < Narrow)
            {
                evenEnd = TLanes.MultiplyAdd(by, TLanes.Load(in first, Step), evenEnd);
                oddEnd = TLanes.MultiplyAdd(by, TLanes.Load(in second, Step), oddEnd);
            }
        }

        if (next < rows.Length)
        {
            ref float last = ref matrix.Row(rows[next]);
            even = TLanes.MultiplyAdd(by, TLanes.Load(in last, 0), even);
            if (Step < Narrow)
                evenEnd = TLanes.MultiplyAdd(by, TLanes.Load(in last, Step), evenEnd);
        }

        TLanes one = TLanes.Broadcast(1);
        TLanes.MultiplyAdd(one, even, odd).Store(ref sum, 0);
        if (Step < Narrow)
            TLanes.MultiplyAdd(one, evenEnd, oddEnd).Store(ref sum, Step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddToNarrow(TrainingMatrix matrix, ReadOnlySpan<int> rows, ref float vector, float scale)
    {
        TLanes by = TLanes.Broadcast(scale);
        TLanes values = TLanes.Load(in vector, 0);
        TLanes valuesEnd = Step < Narrow ? TLanes.Load(in vector, Step) : default;
        foreach (int index in rows)
        {
            ref float row = ref matrix.Row(index);
            TLanes.MultiplyAdd(by, values, TLanes.Load(in row, 0)).Store(ref row, 0);
            if (Step < Narrow)
                TLanes.MultiplyAdd(by, valuesEnd, TLanes.Load(in row, Step)).Store(ref row, Step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddWide(ref float sum, TrainingMatrix matrix, ReadOnlySpan<int> rows, float scale)
    {
        TLanes by = TLanes.Broadcast(scale);
        nuint length = matrix.Stride;
        int next = 0;
        for (; next + 2 < rows.Length; next += 3)
        {
            ref float row0 = ref matrix.Row(rows[next]);
            ref float row1 = ref matrix.Row(rows[next + 1]);
            ref float row2 = ref matrix.Row(rows[next + 2]);
            for (nuint i = 0; i < length; i += Step)
            {
                TLanes total = TLanes.MultiplyAdd(by, TLanes.Load(in row0, i), TLanes.Load(in sum, i));
                total = TLanes.MultiplyAdd(by, TLanes.Load(in row1, i), total);
                TLanes.MultiplyAdd(by, TLanes.Load(in row2, i), total).Store(ref sum, i);
            }
        }

        for (; next < rows.Length; next++)
        {
            ref float row = ref matrix.Row(rows[next]);
            for (nuint i = 0; i < length; i += Step)
                TLanes.MultiplyAdd(by, TLanes.Load(in row, i), TLanes.Load(in sum, i)).Store(ref sum, i);
        }
    }
}

/// <summary>Six rows of a matrix, which are worked on at once.</summary>
internal readonly ref struct RowGroup
{
    /// <summary>How many rows.</summary>
    public const int Size = 6;

    public readonly ref float Row0;
    public readonly ref float Row1;
    public readonly ref float Row2;
    public readonly ref float Row3;
    public readonly ref float Row4;
    public readonly ref float Row5;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RowGroup(TrainingMatrix matrix, ReadOnlySpan<int> rows)
    {
        Row5 = ref matrix.Row(rows[5]);
        Row4 = ref matrix.Row(rows[4]);
        Row3 = ref matrix.Row(rows[3]);
        Row2 = ref matrix.Row(rows[2]);
        Row1 = ref matrix.Row(rows[1]);
        Row0 = ref matrix.Row(rows[0]);
    }
}
