using System.Runtime.CompilerServices;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>What training does with padded rows, in registers of either width. Lengths are multiples of 16.</summary>
internal static class VectorKernel<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private static nuint Step
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)TLanes.Count;
    }

    /// <summary>The inner products of a vector and three rows: the vector is loaded once for all three.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dots(ref float vector, ref float row0, ref float row1, ref float row2, nuint length, out float dot0, out float dot1, out float dot2)
    {
        TLanes sum0 = default, sum1 = default, sum2 = default;
        for (nuint i = 0; i < length; i += Step)
        {
            TLanes values = TLanes.Load(in vector, i);
            sum0 = TLanes.MultiplyAdd(values, TLanes.Load(in row0, i), sum0);
            sum1 = TLanes.MultiplyAdd(values, TLanes.Load(in row1, i), sum1);
            sum2 = TLanes.MultiplyAdd(values, TLanes.Load(in row2, i), sum2);
        }

        dot0 = TLanes.Sum(sum0);
        dot1 = TLanes.Sum(sum1);
        dot2 = TLanes.Sum(sum2);
    }

    /// <summary>gradient += scale · row and then row += scale · vector, for three rows at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Exchange(
        ref float vector, ref float gradient, ref float row0, ref float row1, ref float row2, float scale0, float scale1, float scale2, nuint length)
    {
        TLanes by0 = TLanes.Broadcast(scale0), by1 = TLanes.Broadcast(scale1), by2 = TLanes.Broadcast(scale2);
        for (nuint i = 0; i < length; i += Step)
        {
            TLanes values = TLanes.Load(in vector, i);
            TLanes old0 = TLanes.Load(in row0, i), old1 = TLanes.Load(in row1, i), old2 = TLanes.Load(in row2, i);
            TLanes sum = TLanes.MultiplyAdd(by0, old0, TLanes.Load(in gradient, i));
            sum = TLanes.MultiplyAdd(by1, old1, sum);
            TLanes.MultiplyAdd(by2, old2, sum).Store(ref gradient, i);
            TLanes.MultiplyAdd(by0, values, old0).Store(ref row0, i);
            TLanes.MultiplyAdd(by1, values, old1).Store(ref row1, i);
            TLanes.MultiplyAdd(by2, values, old2).Store(ref row2, i);
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
        TLanes by = TLanes.Broadcast(1f / Math.Max(rows.Length, 1));
        // So many columns at once as there are registers to sum them in.
        nuint i = 0;
        for (; i + (4 * Step) <= matrix.Stride; i += 4 * Step)
        {
            TLanes sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            foreach (int row in rows)
            {
                ref float values = ref matrix.Row(row);
                sum0 = TLanes.MultiplyAdd(by, TLanes.Load(in values, i), sum0);
                sum1 = TLanes.MultiplyAdd(by, TLanes.Load(in values, i + Step), sum1);
                sum2 = TLanes.MultiplyAdd(by, TLanes.Load(in values, i + (2 * Step)), sum2);
                sum3 = TLanes.MultiplyAdd(by, TLanes.Load(in values, i + (3 * Step)), sum3);
            }

            sum0.Store(ref mean, i);
            sum1.Store(ref mean, i + Step);
            sum2.Store(ref mean, i + (2 * Step));
            sum3.Store(ref mean, i + (3 * Step));
        }

        for (; i < matrix.Stride; i += Step)
        {
            TLanes sum = default;
            foreach (int row in rows)
                sum = TLanes.MultiplyAdd(by, TLanes.Load(in matrix.Row(row), i), sum);
            sum.Store(ref mean, i);
        }
    }
}
