using System.Numerics.Tensors;

namespace MLNet.Papers.Networks;

/// <summary>A linear layer and the rectifier after it in one pass, for any number of rows on the calling thread.</summary>
/// <remarks>A row's values do not depend on the rows beside it: every sum runs in the order of the inputs.</remarks>
internal sealed class FusedDense
{
    // Where the padding of few units to a register would take more memory than this, each unit is a product of its own.
    private const long MostPadding = 1 << 23;

    private readonly int _inputs;
    private readonly bool _rectify;
    private readonly float[] _weights;
    private readonly float[] _biases;
    private readonly bool _isPadded;

    /// <param name="weights">(U, inputs), U being the number of units.</param>
    /// <param name="biases">U values.</param>
    /// <param name="rectify">Whether negative results become 0.</param>
    public FusedDense(float[] weights, float[] biases, bool rectify)
    {
        int units = Units = biases.Length;
        _inputs = weights.Length / units;
        _rectify = rectify;
        _isPadded = IsPadded(_inputs, units);
        if (!_isPadded)
        {
            (OutputStride, _weights, _biases) = (units, weights, biases);
            return;
        }

        OutputStride = KernelTile.Pad(units);
        _biases = new float[OutputStride];
        biases.CopyTo(_biases, 0);

        _weights = new float[checked(OutputStride * _inputs)];
        TileProduct.Pack(weights, units, _inputs, outputStride: _inputs, inputStride: 1, _weights);
    }

    /// <summary>A linear layer whose weights stand as (inputs, U).</summary>
    /// <param name="weights">(inputs, U).</param>
    /// <param name="biases">U values.</param>
    public static FusedDense OfColumns(ReadOnlySpan<float> weights, float[] biases)
    {
        int units = biases.Length, inputs = weights.Length / units;
        float[] transposed = new float[weights.Length];
        for (int input = 0; input < inputs; input++)
        {
            for (int unit = 0; unit < units; unit++)
                transposed[(unit * inputs) + input] = weights[(input * units) + unit];
        }

        return new FusedDense(transposed, biases, rectify: false);
    }

    /// <summary>How many numbers a row becomes.</summary>
    public int Units { get; }

    /// <summary>Additions for a row.</summary>
    public long Work => (_inputs + 1L) * Units;

    /// <summary>Values from one row of the output to the next: the units, padded to whole registers.</summary>
    public int OutputStride { get; }

    /// <summary>Values that the padding adds to the weights.</summary>
    public static long PaddingValues(long inputs, int units) => IsPadded(inputs, units) ? (KernelTile.Pad(units) - units) * inputs : 0;

    /// <summary>Computes some rows.</summary>
    /// <param name="input">The rows; the values of one lie side by side.</param>
    /// <param name="inputStride">Values from one row to the next.</param>
    /// <param name="rows">How many rows; at least 1.</param>
    /// <param name="output">Room for rows × <see cref="OutputStride"/> values.</param>
    public void Run(ReadOnlySpan<float> input, int inputStride, int rows, Span<float> output)
    {
        if (_isPadded)
        {
            Run(input, inputStride, rows, output, 0, OutputStride);
            return;
        }

        if (input.Length < ((rows - 1L) * inputStride) + _inputs || output.Length < (long)rows * OutputStride)
            throw new ArgumentException("A buffer is too small for this layer.");
        RunUnits(input, inputStride, rows, output);
    }

    /// <summary>Computes some of the units of some rows, where there are more than a few.</summary>
    /// <param name="input">The rows; the values of one lie side by side.</param>
    /// <param name="inputStride">Values from one row to the next.</param>
    /// <param name="rows">How many rows; at least 1.</param>
    /// <param name="output">Room for rows × <see cref="OutputStride"/> values, those units of which are written.</param>
    /// <param name="first">The first unit, at the beginning of a tile (<see cref="KernelTile.Width"/>).</param>
    /// <param name="end">Where to stop, at the end of a tile.</param>
    public void Run(ReadOnlySpan<float> input, int inputStride, int rows, Span<float> output, int first, int end) =>
        new TileProduct(_weights, _biases, _inputs, _rectify).Run(input, inputStride, rows, output, OutputStride, first, end);

    private static bool IsPadded(long inputs, int units) => units > KernelTile.Width / 4 || (KernelTile.Pad(units) - units) * inputs <= MostPadding;

    private void RunUnits(ReadOnlySpan<float> input, int inputStride, int rows, Span<float> output)
    {
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> values = input.Slice(row * inputStride, _inputs);
            for (int unit = 0; unit < OutputStride; unit++)
            {
                float sum = TensorPrimitives.Dot(values, _weights.AsSpan(unit * _inputs, _inputs)) + _biases[unit];
                output[(row * OutputStride) + unit] = _rectify ? Math.Max(sum, 0) : sum;
            }
        }
    }
}
