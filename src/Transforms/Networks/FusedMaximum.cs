using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace MLNet.Papers.Networks;

/// <summary>The maximum over 2 × 2 pixels where no convolution computes it.</summary>
internal static class FusedMaximum
{
    /// <summary>The step; an odd last row or column is left out.</summary>
    public static RowStep Step(ImageShape input) => new(
        (long)input.Channels * (input.Height / 2) * (input.Width / 2), () => (image, output, taller) => Run(input, image, output, taller[..input.Width]),
        WorkingValues: input.Width);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(ImageShape input, ReadOnlySpan<float> image, Span<float> output, Span<float> taller)
    {
        (int channels, int height, int width) = input;
        for (int channel = 0; channel < channels; channel++)
        {
            for (int y = 0; y < height / 2; y++)
            {
                ReadOnlySpan<float> both = image.Slice(((channel * height) + (2 * y)) * width, 2 * width);
                TensorPrimitives.Max(both[..width], both[width..], taller);
                Span<float> target = output.Slice(((channel * (height / 2)) + y) * (width / 2), width / 2);
                for (int x = 0; x < target.Length; x++)
                    target[x] = MathF.Max(taller[2 * x], taller[(2 * x) + 1]);
            }
        }
    }
}
