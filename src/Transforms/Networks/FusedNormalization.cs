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
}
