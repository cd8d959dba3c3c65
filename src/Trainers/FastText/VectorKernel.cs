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

    /// <summary>sum += step, vector += scale · step, and then step = 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Advance(ref float sum, ref float vector, float scale, ref float step, nuint length)
    {
        TLanes by = TLanes.Broadcast(scale), one = TLanes.Broadcast(1);
        for (nuint i = 0; i < length; i += Step)
        {
            TLanes values = TLanes.Load(in step, i);
            TLanes.MultiplyAdd(one, values, TLanes.Load(in sum, i)).Store(ref sum, i);
            TLanes.MultiplyAdd(by, values, TLanes.Load(in vector, i)).Store(ref vector, i);
            default(TLanes).Store(ref step, i);
        }
    }

    /// <summary>The mean of some rows; zero if there are none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Mean(TrainingMatrix matrix, ReadOnlySpan<int> rows, ref float mean)
    {
        TLanes by = TLanes.Broadcast(1f / Math.Max(rows.Length, 1));
        nuint length = matrix.Stride;
        for (nuint i = 0; i < length; i += Step)
            default(TLanes).Store(ref mean, i);
        int next = 0;
        for (; next + 2 < rows.Length; next += 3)
        {
            ref float row0 = ref matrix.Row(rows[next]);
            ref float row1 = ref matrix.Row(rows[next + 1]);
            ref float row2 = ref matrix.Row(rows[next + 2]);
            for (nuint i = 0; i < length; i += Step)
            {
                TLanes sum = TLanes.MultiplyAdd(by, TLanes.Load(in row0, i), TLanes.Load(in mean, i));
                sum = TLanes.MultiplyAdd(by, TLanes.Load(in row1, i), sum);
                TLanes.MultiplyAdd(by, TLanes.Load(in row2, i), sum).Store(ref mean, i);
            }
        }

        for (; next < rows.Length; next++)
        {
            ref float row = ref matrix.Row(rows[next]);
            for (nuint i = 0; i < length; i += Step)
                TLanes.MultiplyAdd(by, TLanes.Load(in row, i), TLanes.Load(in mean, i)).Store(ref mean, i);
        }
    }
}
