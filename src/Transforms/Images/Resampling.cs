using System.Numerics.Tensors;

namespace MLNet.Papers.Images;

/// <summary>Resizes pictures: bilinear interpolation where a picture grows, and its mean over the area around each new pixel where it shrinks.</summary>
/// <remarks>
/// Along each axis a new pixel is the mean of the old ones under a triangle around its centre, whose half width is one pixel, old or new, whichever is larger.
/// A picture that has the right size keeps its values. Height and width are scaled independently.
/// </remarks>
/// <param name="shape">The new shape: one channel (luminance) or three (red, green, blue).</param>
/// <param name="scale">What the values from 0 to 255 are multiplied by.</param>
internal sealed class Resampling(ImageShape shape, float scale)
{
    private const int Bytes = 4;

    private Axis? _rows;
    private Axis? _columns;
    private float[] _line = [];
    private float[] _source = [];

    /// <summary>Resizes a picture.</summary>
    /// <param name="pixels">Rows of pixels of four bytes: blue, green, red, opacity; or red, green, blue, opacity.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="isRedFirst">Which of the two.</param>
    /// <param name="values">Room for C × H × W values.</param>
    public void Resize(ReadOnlySpan<byte> pixels, int width, int height, bool isRedFirst, Span<float> values)
    {
        if (_rows?.Source != height)
            _rows = new Axis(height, shape.Height);
        if (_columns?.Source != width)
            _columns = new Axis(width, shape.Width);
        int length = width * Bytes;
        if (_line.Length != length)
            (_line, _source) = (new float[length], new float[length]);
        for (int y = 0; y < shape.Height; y++)
        {
            Array.Clear(_line);
            (int first, float[] weights) = _rows.Taps[y];
            for (int i = 0; i < weights.Length; i++)
            {
                TensorPrimitives.ConvertTruncating<byte, float>(pixels.Slice((first + i) * length, length), _source);
                TensorPrimitives.MultiplyAdd<float>(_source, weights[i], _line, _line);
            }

            for (int x = 0; x < shape.Width; x++)
                WritePixel(_columns.Taps[x], isRedFirst, values, (y * shape.Width) + x);
        }
    }

    private void WritePixel((int First, float[] Weights) taps, bool isRedFirst, Span<float> values, int pixel)
    {
        float first = 0, green = 0, third = 0;
        for (int i = 0; i < taps.Weights.Length; i++)
        {
            int at = (taps.First + i) * Bytes;
            float weight = taps.Weights[i] * scale;
            first += weight * _line[at];
            green += weight * _line[at + 1];
            third += weight * _line[at + 2];
        }

        (float red, float blue) = isRedFirst ? (first, third) : (third, first);
        if (shape.Channels == 1)
        {
            values[pixel] = (0.299f * red) + (0.587f * green) + (0.114f * blue);
            return;
        }

        int plane = shape.Height * shape.Width;
        values[pixel] = red;
        values[plane + pixel] = green;
        values[(2 * plane) + pixel] = blue;
    }

    /// <summary>For each new pixel of an axis the old ones that it is the mean of.</summary>
    private sealed class Axis
    {
        public Axis(int source, int target)
        {
            Source = source;
            double step = (double)source / target, reach = Math.Max(1, step);
            Taps = new (int, float[])[target];
            for (int i = 0; i < target; i++)
            {
                double centre = (i + 0.5) * step;
                int first = Math.Max(0, (int)Math.Ceiling(centre - reach - 0.5)), last = Math.Min(source - 1, (int)Math.Floor(centre + reach - 0.5));
                double[] weights = [.. Enumerable.Range(first, last - first + 1).Select(place => Math.Max(0, 1 - (Math.Abs(place + 0.5 - centre) / reach)))];
                double sum = weights.Sum();
                Taps[i] = (first, Array.ConvertAll(weights, weight => (float)(weight / sum)));
            }
        }

        public int Source { get; }

        public (int First, float[] Weights)[] Taps { get; }
    }
}
