using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Networks;

/// <summary>A function of each value of a register.</summary>
internal interface ILaneFunction
{
    TLanes Of<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>Computes functions of many values.</summary>
internal static class LaneFunction
{
    /// <summary>Computes a function of each value.</summary>
    /// <param name="values">The values.</param>
    /// <param name="output">Receives the results; may be where the values are.</param>
    /// <param name="function">The function.</param>
    public static void Run<TFunction>(ReadOnlySpan<float> values, Span<float> output, TFunction function)
        where TFunction : struct, ILaneFunction
    {
        int whole = KernelTile.IsWide ? Run<TFunction, Lanes512>(values, output, function, 0) : Run<TFunction, Lanes256>(values, output, function, 0);
        Run<TFunction, Lanes1>(values, output, function, whole);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Run<TFunction, TLanes>(ReadOnlySpan<float> values, Span<float> output, TFunction function, int first)
        where TFunction : struct, ILaneFunction
        where TLanes : struct, ILanes<TLanes>
    {
        ref float source = ref MemoryMarshal.GetReference(values), target = ref MemoryMarshal.GetReference(output[..values.Length]);
        for (; first + TLanes.Count <= values.Length; first += TLanes.Count)
            function.Of(TLanes.Load(in source, (nuint)first)).Store(ref target, (nuint)first);
        return first;
    }

    /// <summary>Adds values to others.</summary>
    /// <param name="values">The values.</param>
    /// <param name="others">The others.</param>
    /// <param name="output">Receives the sums; may be where either are.</param>
    /// <param name="rectify">Whether negative sums become 0.</param>
    public static void Sum(ReadOnlySpan<float> values, ReadOnlySpan<float> others, Span<float> output, bool rectify)
    {
        others = others[..values.Length];
        float least = rectify ? 0 : float.NegativeInfinity;
        int whole = KernelTile.IsWide ? Sum<Lanes512>(values, others, output, least, 0) : Sum<Lanes256>(values, others, output, least, 0);
        Sum<Lanes1>(values, others, output, least, whole);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Sum<TLanes>(ReadOnlySpan<float> values, ReadOnlySpan<float> others, Span<float> output, float least, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        ref float left = ref MemoryMarshal.GetReference(values), right = ref MemoryMarshal.GetReference(others);
        ref float target = ref MemoryMarshal.GetReference(output[..values.Length]);
        for (; first + TLanes.Count <= values.Length; first += TLanes.Count)
        {
            TLanes sum = TLanes.Load(in left, (nuint)first) + TLanes.Load(in right, (nuint)first);
            TLanes.Max(sum, TLanes.Broadcast(least)).Store(ref target, (nuint)first);
        }

        return first;
    }
}

/// <summary>x times a factor, plus a term.</summary>
internal readonly struct Affine(float factor, float term) : ILaneFunction
{
    public TLanes Of<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => TLanes.MultiplyAdd(x, TLanes.Broadcast(factor), TLanes.Broadcast(term));

    /// <summary>Computes it with a factor and a term for each channel.</summary>
    /// <param name="image">(C, pixels).</param>
    /// <param name="output">Receives (C, pixels).</param>
    /// <param name="factors">C values.</param>
    /// <param name="terms">C values.</param>
    public static void Channels(ReadOnlySpan<float> image, Span<float> output, ReadOnlySpan<float> factors, ReadOnlySpan<float> terms)
    {
        int pixels = image.Length / factors.Length;
        for (int channel = 0; channel < factors.Length; channel++)
        {
            LaneFunction.Run(
                image.Slice(channel * pixels, pixels), output.Slice(channel * pixels, pixels), new Affine(factors[channel], terms[channel]));
        }
    }
}
