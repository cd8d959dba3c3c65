using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Networks;

/// <summary>Looks for numbers that are not finite, in every row that is scored: the cost of a load and a multiplication for a register of values.</summary>
internal static class FiniteValues
{
    /// <summary>Whether none of the values is NaN or infinite.</summary>
    public static bool AreAll(ReadOnlySpan<float> values) => KernelTile.IsWide
        ? AreAll<Lanes512>(in MemoryMarshal.GetReference(values), values.Length)
        : AreAll<Lanes256>(in MemoryMarshal.GetReference(values), values.Length);

    // 0 times a value is 0, but NaN where the value is not finite; and a sum with NaN stays NaN. Four sums hide the latency of a multiply-add.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AreAll<TLanes>(ref readonly float values, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        nuint lanes = (nuint)TLanes.Count, place = 0, end = (nuint)count;
        TLanes zero = TLanes.Broadcast(0), a = zero, b = zero, c = zero, d = zero;
        for (; place + (4 * lanes) <= end; place += 4 * lanes)
        {
            a = TLanes.MultiplyAdd(TLanes.Load(in values, place), zero, a);
            b = TLanes.MultiplyAdd(TLanes.Load(in values, place + lanes), zero, b);
            c = TLanes.MultiplyAdd(TLanes.Load(in values, place + (2 * lanes)), zero, c);
            d = TLanes.MultiplyAdd(TLanes.Load(in values, place + (3 * lanes)), zero, d);
        }

        for (; place + lanes <= end; place += lanes)
            a = TLanes.MultiplyAdd(TLanes.Load(in values, place), zero, a);
        Span<float> sums = stackalloc float[TLanes.Count];
        (a + b + (c + d)).Store(ref MemoryMarshal.GetReference(sums), 0);
        float sum = 0;
        foreach (float part in sums)
            sum += part;
        for (; place < end; place++)
            sum += 0 * Unsafe.Add(ref Unsafe.AsRef(in values), place);
        return !float.IsNaN(sum);
    }
}
