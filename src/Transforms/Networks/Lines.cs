using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Networks;

/// <summary>Copies lines of an image; of short lines a call for each would cost more than the copying.</summary>
internal static class Lines
{
    private interface IMove
    {
        /// <summary>Moves a register of values.</summary>
        /// <param name="source">Where they are.</param>
        /// <param name="next">From there to the values that are put between them.</param>
        /// <param name="target">Where they go.</param>
        /// <param name="place">The first value.</param>
        static abstract void Move<TLanes>(ref readonly float source, nuint next, ref float target, nuint place)
            where TLanes : struct, ILanes<TLanes>;
    }

    /// <summary>Puts every so many-th value of the source side by side.</summary>
    /// <param name="source">The lines.</param>
    /// <param name="sourcePitch">Values from one line of the source to the next.</param>
    /// <param name="first">The first value of a line.</param>
    /// <param name="stride">Values from one to the next.</param>
    /// <param name="target">Receives them.</param>
    /// <param name="targetPitch">Values from one line of the target to the next.</param>
    /// <param name="length">Values of a line.</param>
    /// <param name="count">Lines.</param>
    public static void Gather(
        ReadOnlySpan<float> source, int sourcePitch, int first, int stride, Span<float> target, int targetPitch, int length, int count)
    {
        if (stride == 1)
        {
            Run<Straight>(source[first..], sourcePitch, 0, target, targetPitch, length, length, length, count);
            return;
        }

        // Both values of each pair are read; the last may have none beside it.
        int pairs = first / 2 * 2, whole = stride == 2 ? Math.Min(length, (source.Length - ((count - 1) * sourcePitch) - pairs) / 2) : 0;
        if (whole > 0 && first == pairs)
            Run<EvenValues>(source[pairs..], sourcePitch, 0, target, targetPitch, 2 * whole, whole, whole, count);
        else if (whole > 0)
            Run<OddValues>(source[pairs..], sourcePitch, 0, target, targetPitch, 2 * whole, whole, whole, count);
        for (int line = 0; whole < length && line < count; line++)
        {
            for (int i = whole; i < length; i++)
                target[(line * targetPitch) + i] = source[(line * sourcePitch) + first + (i * stride)];
        }
    }

    /// <summary>Puts the values of several sources in turn into the target.</summary>
    /// <param name="source">The lines of the sources.</param>
    /// <param name="sourcePitch">Values from one line of a source to the next.</param>
    /// <param name="next">Values from one source to the next.</param>
    /// <param name="sources">How many sources.</param>
    /// <param name="target">Receives them.</param>
    /// <param name="targetPitch">Values from one line of the target to the next.</param>
    /// <param name="length">Values of a line of a source.</param>
    /// <param name="count">Lines.</param>
    public static void Scatter(
        ReadOnlySpan<float> source, int sourcePitch, int next, int sources, Span<float> target, int targetPitch, int length, int count)
    {
        if (sources == 1)
        {
            Run<Straight>(source, sourcePitch, 0, target, targetPitch, length, length, length, count);
            return;
        }

        if (sources == 2)
        {
            Run<InTurn>(source, sourcePitch, next, target, targetPitch, length, 2 * length, length, count);
            return;
        }

        for (int line = 0; line < count; line++)
        {
            for (int i = 0; i < length * sources; i++)
                target[(line * targetPitch) + i] = source[(i % sources * next) + (line * sourcePitch) + (i / sources)];
        }
    }

    private static void Run<TMove>(
        ReadOnlySpan<float> source, int sourcePitch, int next, Span<float> target, int targetPitch, int read, int written, int length, int count)
        where TMove : IMove
    {
        if (source.Length < next + ((count - 1L) * sourcePitch) + read || target.Length < ((count - 1L) * targetPitch) + written)
            throw new ArgumentException("A buffer is too small for these lines.");
        if (KernelTile.IsWide && length >= Lanes512.Count)
            Run<TMove, Lanes512>(source, sourcePitch, next, target, targetPitch, length, count);
        else if (length >= Lanes256.Count)
            Run<TMove, Lanes256>(source, sourcePitch, next, target, targetPitch, length, count);
        else
            Run<TMove, Lanes1>(source, sourcePitch, next, target, targetPitch, length, count);
    }

    // What is left after the last whole register is moved with values before it again.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TMove, TLanes>(ReadOnlySpan<float> source, int sourcePitch, int next, Span<float> target, int targetPitch, int length, int count)
        where TMove : IMove
        where TLanes : struct, ILanes<TLanes>
    {
        nuint last = (nuint)(length - TLanes.Count), between = (nuint)next;
        for (int line = 0; line < count; line++)
        {
            ref float from = ref Unsafe.Add(ref MemoryMarshal.GetReference(source), (nint)line * sourcePitch);
            ref float to = ref Unsafe.Add(ref MemoryMarshal.GetReference(target), (nint)line * targetPitch);
            for (nuint place = 0; place < last; place += (nuint)TLanes.Count)
                TMove.Move<TLanes>(in from, between, ref to, place);
            TMove.Move<TLanes>(in from, between, ref to, last);
        }
    }

    private readonly struct Straight : IMove
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move<TLanes>(ref readonly float source, nuint next, ref float target, nuint place)
            where TLanes : struct, ILanes<TLanes> => TLanes.Load(in source, place).Store(ref target, place);
    }

    private readonly struct EvenValues : IMove
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move<TLanes>(ref readonly float source, nuint next, ref float target, nuint place)
            where TLanes : struct, ILanes<TLanes> =>
            TLanes.Even(TLanes.Load(in source, 2 * place), TLanes.Load(in source, (2 * place) + (nuint)TLanes.Count)).Store(ref target, place);
    }

    private readonly struct OddValues : IMove
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move<TLanes>(ref readonly float source, nuint next, ref float target, nuint place)
            where TLanes : struct, ILanes<TLanes> =>
            TLanes.Odd(TLanes.Load(in source, 2 * place), TLanes.Load(in source, (2 * place) + (nuint)TLanes.Count)).Store(ref target, place);
    }

    private readonly struct InTurn : IMove
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Move<TLanes>(ref readonly float source, nuint next, ref float target, nuint place)
            where TLanes : struct, ILanes<TLanes>
        {
            (TLanes first, TLanes second) = TLanes.Interleave(TLanes.Load(in source, place), TLanes.Load(in source, next + place));
            first.Store(ref target, 2 * place);
            second.Store(ref target, (2 * place) + (nuint)TLanes.Count);
        }
    }
}
