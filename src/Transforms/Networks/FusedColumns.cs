using System.Numerics.Tensors;

namespace MLNet.Papers.Networks;

/// <summary>Computes some pixels of an image: (C, pixels) to (F, pixels).</summary>
/// <param name="OutputChannels">F.</param>
/// <param name="Build">Makes the kernel, for one to three registers of pixels.</param>
/// <param name="IsProduct">Whether it is a product over the channels.</param>
/// <param name="ConstantChannels">Channels that stand after those of the image.</param>
/// <param name="Constants">Gives them, (channels, pixels); null where there are none.</param>
internal sealed record ColumnStep(
    int OutputChannels, Func<RowKernel> Build, bool IsProduct = false, int ConstantChannels = 0, Func<float[]>? Constants = null)
{
    /// <summary>A convolution of single pixels.</summary>
    /// <param name="channels">C, with the constant ones.</param>
    /// <param name="weights">(F, C).</param>
    /// <param name="biases">F values.</param>
    /// <param name="rectify">Whether negative results become 0.</param>
    public static RowKernel Product(int channels, float[] weights, float[] biases, bool rectify)
    {
        int filters = biases.Length;
        float[] packed = new float[checked((int)PlaneProduct.Pad(filters) * channels)], padded = PlaneProduct.Padded(biases);
        PlaneProduct.Pack(weights, filters, channels, filterStride: channels, planeStride: 1, factor: 1, packed);
        int[][] offsets = [.. Enumerable.Range(1, 3).Select(registers =>
            Enumerable.Range(0, channels).Select(channel => channel * registers * PlaneProduct.Lanes).ToArray())];
        return (block, output, _) =>
        {
            int pixels = block.Length / channels;
            PlaneProduct.Run(packed, padded, block, offsets[(pixels / PlaneProduct.Lanes) - 1], pixels, filters, output, pixels, rectify);
        };
    }
}

/// <summary>Steps in which each pixel is computed from its own channels alone: all of them for a block of pixels before the next, which stays in the nearest
/// cache.</summary>
internal sealed class FusedColumns
{
    private readonly int _channels;
    private readonly int _pixels;
    private readonly float[] _constants;
    private readonly (RowKernel Kernel, int Channels, bool Rectify)[] _steps;
    private readonly int _room;

    private FusedColumns(int channels, int pixels, IReadOnlyList<RowStep> steps)
    {
        (_channels, _pixels, _room) = (channels, pixels, checked((int)Room(channels, steps)));
        _constants = steps[0].Columns!.Constants?.Invoke() ?? [];
        _steps = [.. steps.Select(step => (step.Columns!.Build(), step.Columns.OutputChannels, step.Rectify))];
    }

    /// <summary>The steps of a row with those joined that can be computed by blocks of pixels; alone, only products over channels are.</summary>
    /// <param name="inputValues">Values of a row before the first step.</param>
    /// <param name="steps">The steps.</param>
    public static IReadOnlyList<RowStep> Joined(long inputValues, IReadOnlyList<RowStep> steps)
    {
        List<RowStep> joined = [], open = [];
        foreach (RowStep step in steps)
        {
            if (open.Count > 0 && (step.Columns is null || step.Columns.ConstantChannels > 0))
                Close();
            (step.Columns is null ? joined : open).Add(step);
        }

        Close();
        return joined;

        void Close()
        {
            long before = joined is [.., var last] ? last.OutputValues : inputValues;
            if (open.Any(step => step.Columns!.IsProduct))
                joined.Add(Step(before, [.. open]));
            else
                joined.AddRange(open);
            open.Clear();
        }
    }

    private static RowStep Step(long inputValues, RowStep[] steps)
    {
        long pixels = steps[^1].OutputValues / steps[^1].Columns!.OutputChannels, channels = inputValues / pixels;
        return new(
            steps[^1].OutputValues, () => new FusedColumns(checked((int)channels), checked((int)pixels), steps).Run, 2 * Room(channels, steps),
            steps.Sum(step => step.PackedValues), steps.Sum(step => step.Operations));
    }

    private static long Room(long channels, IReadOnlyList<RowStep> steps) =>
        PlaneProduct.Block * Math.Max(channels + steps[0].Columns!.ConstantChannels, steps.Max(step => (long)step.Columns!.OutputChannels));

    private void Run(ReadOnlySpan<float> image, Span<float> output, Span<float> working)
    {
        Span<float> current = working[.._room], other = working.Slice(_room, _room);
        for (int first = 0, count; first < _pixels; first += count)
        {
            count = Width(_pixels - first);
            int pitch = (count + PlaneProduct.Lanes - 1) / PlaneProduct.Lanes * PlaneProduct.Lanes, channels = _channels + (_constants.Length / _pixels);
            Gather(image, first, count, current, pitch);
            Gather(_constants, first, count, current[(_channels * pitch)..], pitch);
            foreach ((RowKernel kernel, int outputChannels, bool rectify) in _steps)
            {
                Span<float> result = other[..(outputChannels * pitch)];
                kernel(current[..(channels * pitch)], result, default);
                if (rectify)
                    TensorPrimitives.Max(result, 0, result);
                channels = outputChannels;
                Span<float> free = current;
                current = other;
                other = free;
            }

            for (int channel = 0; channel < channels; channel++)
                current.Slice(channel * pitch, count).CopyTo(output[((channel * _pixels) + first)..]);
        }
    }

    private void Gather(ReadOnlySpan<float> image, int first, int count, Span<float> block, int pitch)
    {
        for (int channel = 0; channel < image.Length / _pixels; channel++)
            image.Slice((channel * _pixels) + first, count).CopyTo(block[(channel * pitch)..]);
    }

    // Less than two whole blocks are halved: a kernel of one register is slow.
    private static int Width(int left) => left <= PlaneProduct.Block ? left
        : left >= 2 * PlaneProduct.Block ? PlaneProduct.Block
        : ((left / 2) + PlaneProduct.Lanes - 1) / PlaneProduct.Lanes * PlaneProduct.Lanes;
}
