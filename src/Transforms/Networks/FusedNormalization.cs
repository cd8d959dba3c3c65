using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Networks;

/// <summary>Normalizations by the statistics of the image itself: means and biased variances.</summary>
internal static class FusedNormalization
{
    // Sums of so many values are Single, those of the sums Double.
    private const int Part = 4096;

    /// <summary>Normalizes groups of consecutive channels.</summary>
    /// <param name="image">(C, pixels).</param>
    /// <param name="output">Receives (C, pixels).</param>
    /// <param name="groups">How many groups; divides C.</param>
    /// <param name="gain">C factors.</param>
    /// <param name="shift">C terms.</param>
    /// <param name="epsilon">Is added to the variance.</param>
    public static void Groups(ReadOnlySpan<float> image, Span<float> output, int groups, ReadOnlySpan<float> gain, ReadOnlySpan<float> shift, double epsilon)
    {
        int size = image.Length / groups, channels = gain.Length / groups, pixels = size / channels;
        for (int group = 0; group < groups; group++)
        {
            ReadOnlySpan<float> values = image.Slice(group * size, size);
            Span<float> target = output.Slice(group * size, size);
            double sum = 0, squares = 0;
            for (int first = 0; first < size; first += Part)
                sum += TensorPrimitives.Sum(values.Slice(first, Math.Min(Part, size - first)));
            float mean = (float)(sum / size);
            for (int first = 0; first < size; first += Part)
            {
                int count = Math.Min(Part, size - first);
                LaneFunction.Run(values.Slice(first, count), target.Slice(first, count), new Affine(1, -mean));
                squares += TensorPrimitives.SumOfSquares(target.Slice(first, count));
            }

            float inverse = (float)(1 / Math.Sqrt((squares / size) + epsilon));
            for (int channel = 0; channel < channels; channel++)
            {
                Span<float> own = target.Slice(channel * pixels, pixels);
                LaneFunction.Run(own, own, new Affine(gain[(group * channels) + channel] * inverse, shift[(group * channels) + channel]));
            }
        }
    }

    /// <summary>Normalizes the channels of each pixel.</summary>
    /// <param name="image">(C, pixels).</param>
    /// <param name="output">Receives (C, pixels).</param>
    /// <param name="gain">C factors.</param>
    /// <param name="shift">C terms.</param>
    /// <param name="epsilon">Is added to the variance.</param>
    public static void Pixels(ReadOnlySpan<float> image, Span<float> output, ReadOnlySpan<float> gain, ReadOnlySpan<float> shift, float epsilon)
    {
        int pixels = image.Length / gain.Length;
        int whole = KernelTile.IsWide
            ? Pixels<Lanes512>(image, output, gain, shift, epsilon, pixels, 0)
            : Pixels<Lanes256>(image, output, gain, shift, epsilon, pixels, 0);
        Pixels<Lanes1>(image, output, gain, shift, epsilon, pixels, whole);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Pixels<TLanes>(
        ReadOnlySpan<float> image, Span<float> output, ReadOnlySpan<float> gain, ReadOnlySpan<float> shift, float epsilon, int pixels, int first)
        where TLanes : struct, ILanes<TLanes>
    {
        ref float target = ref MemoryMarshal.GetReference(output[..image.Length]), source = ref MemoryMarshal.GetReference(image);
        TLanes share = TLanes.Broadcast(1f / gain.Length);
        for (; first + TLanes.Count <= pixels; first += TLanes.Count)
        {
            TLanes sum = TLanes.Broadcast(0), squares = TLanes.Broadcast(0);
            for (int channel = 0; channel < gain.Length; channel++)
                sum += TLanes.Load(in source, (nuint)((channel * pixels) + first));
            TLanes mean = sum * share;
            for (int channel = 0; channel < gain.Length; channel++)
            {
                TLanes centred = TLanes.Load(in source, (nuint)((channel * pixels) + first)) - mean;
                squares = TLanes.MultiplyAdd(centred, centred, squares);
            }

            TLanes inverse = TLanes.Broadcast(1) / TLanes.SquareRoot(TLanes.MultiplyAdd(squares, share, TLanes.Broadcast(epsilon)));
            for (int channel = 0; channel < gain.Length; channel++)
            {
                nuint place = (nuint)((channel * pixels) + first);
                TLanes normalized = (TLanes.Load(in source, place) - mean) * inverse;
                TLanes.MultiplyAdd(normalized, TLanes.Broadcast(gain[channel]), TLanes.Broadcast(shift[channel])).Store(ref target, place);
            }
        }

        return first;
    }

    /// <summary>Normalizes the sums of two rows, row by row.</summary>
    /// <param name="values">The rows, N values each.</param>
    /// <param name="others">Those that are added to them.</param>
    /// <param name="othersStride">Values from one of these to the next.</param>
    /// <param name="output">Receives the rows, N values each; may be where the values are.</param>
    /// <param name="gain">N factors.</param>
    /// <param name="shift">N terms.</param>
    /// <param name="epsilon">Is added to the variance.</param>
    public static void Rows(
        ReadOnlySpan<float> values, ReadOnlySpan<float> others, int othersStride, Span<float> output, ReadOnlySpan<float> gain, ReadOnlySpan<float> shift,
        float epsilon)
    {
        int size = gain.Length;
        for (int row = 0; (row + 1) * size <= values.Length; row++)
        {
            ReadOnlySpan<float> left = values.Slice(row * size, size), right = others.Slice(row * othersStride, size);
            Span<float> target = output.Slice(row * size, size);
            if (KernelTile.IsWide && size % Lanes512.Count == 0)
                Row<Lanes512>(left, right, target, gain, shift, epsilon);
            else if (size % Lanes256.Count == 0)
                Row<Lanes256>(left, right, target, gain, shift, epsilon);
            else
                Row<Lanes1>(left, right, target, gain, shift, epsilon);
        }
    }

    // The mean is corrected by that of what is left without it: of a row whose values are all the same nothing must be left, since epsilon may be tiny.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<TLanes>(
        ReadOnlySpan<float> values, ReadOnlySpan<float> others, Span<float> output, ReadOnlySpan<float> gain, ReadOnlySpan<float> shift, float epsilon)
        where TLanes : struct, ILanes<TLanes>
    {
        ref float left = ref MemoryMarshal.GetReference(values), right = ref MemoryMarshal.GetReference(others);
        ref float target = ref MemoryMarshal.GetReference(output);
        ref float factors = ref MemoryMarshal.GetReference(gain), terms = ref MemoryMarshal.GetReference(shift);
        TLanes total = TLanes.Broadcast(0);
        for (int i = 0; i < output.Length; i += TLanes.Count)
        {
            TLanes sum = TLanes.Load(in left, (nuint)i) + TLanes.Load(in right, (nuint)i);
            sum.Store(ref target, (nuint)i);
            total += sum;
        }

        float share = 1f / output.Length;
        TLanes mean = TLanes.Broadcast(TLanes.Sum(total) * share), rest = TLanes.Broadcast(0), squares = rest;
        for (int i = 0; i < output.Length; i += TLanes.Count)
        {
            TLanes centred = TLanes.Load(in target, (nuint)i) - mean;
            rest += centred;
            squares = TLanes.MultiplyAdd(centred, centred, squares);
        }

        float correction = TLanes.Sum(rest) * share, variance = MathF.Max(0, (TLanes.Sum(squares) * share) - (correction * correction));
        TLanes inverse = TLanes.Broadcast(1 / MathF.Sqrt(variance + epsilon)), corrected = TLanes.Broadcast(correction);
        for (int i = 0; i < output.Length; i += TLanes.Count)
        {
            TLanes normalized = (TLanes.Load(in target, (nuint)i) - mean - corrected) * inverse;
            TLanes.MultiplyAdd(normalized, TLanes.Load(in factors, (nuint)i), TLanes.Load(in terms, (nuint)i)).Store(ref target, (nuint)i);
        }
    }
}
