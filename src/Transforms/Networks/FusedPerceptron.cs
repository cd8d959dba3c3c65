using System.Collections.Concurrent;

namespace MLNet.Papers.Networks;

/// <summary>Fused linear layers one after the other, for small work on the calling thread and for large batches in parallel.</summary>
internal sealed class FusedPerceptron
{
    private const int MostRowsOfAPart = 32;
    private const int MostValuesOfAPart = 1 << 22;
    private const long LeastParallelWork = 4_000_000;

    private readonly FusedDense[] _layers;
    private readonly int _inputSize;
    private readonly int _outputSize;
    private readonly long _workOfARow;
    private readonly int _widest;
    private readonly int _rowsOfAPart;
    private readonly ConcurrentBag<(float[] Ping, float[] Pong)> _buffers = [];

    /// <param name="inputSize">Values of a row.</param>
    /// <param name="layers">The layers.</param>
    public FusedPerceptron(int inputSize, FusedDense[] layers)
    {
        _inputSize = inputSize;
        _outputSize = layers[^1].Units;
        _layers = layers;
        _workOfARow = layers.Sum(layer => layer.Work);
        _widest = _layers.Max(layer => layer.OutputStride);
        _rowsOfAPart = RowsOfAPart(_widest);
    }

    /// <summary>Values that are needed while rows are computed, with padding.</summary>
    /// <param name="inputSize">Values of a row.</param>
    /// <param name="units">Units of each layer.</param>
    public static long WorkingValues(long inputSize, int[] units)
    {
        int widest = KernelTile.Pad(units.Max());
        return (2L * RowsOfAPart(widest) * widest) +
            units.Zip([inputSize, .. units.Select(count => (long)count)], (own, inputs) => FusedDense.PaddingValues(inputs, own)).Sum();
    }

    /// <summary>Computes the first <paramref name="count"/> rows.</summary>
    public void Run(float[] rows, int count, float[] outputs)
    {
        int parts = (count + _rowsOfAPart - 1) / _rowsOfAPart;
        BatchParts.Run(parts, count * _workOfARow >= LeastParallelWork, (Perceptron: this, rows, count, outputs), static (batch, part) =>
            batch.Perceptron.RunPart(batch.rows, batch.count, part, batch.outputs));
    }

    private void RunPart(float[] rows, int count, int part, float[] outputs)
    {
        (float[] ping, float[] pong) = _buffers.TryTake(out (float[], float[]) free) ? free
            : (new float[_rowsOfAPart * _widest], new float[_rowsOfAPart * _widest]);
        int first = part * _rowsOfAPart, length = Math.Min(_rowsOfAPart, count - first), stride = _inputSize;
        ReadOnlySpan<float> input = rows.AsSpan(first * _inputSize, length * _inputSize);
        Span<float> output = outputs.AsSpan(first * _outputSize, length * _outputSize);
        foreach (FusedDense layer in _layers)
        {
            // Without padding the last layer's rows are those of the output.
            Span<float> target = layer == _layers[^1] && layer.OutputStride == _outputSize ? output : ping;
            layer.Run(input, stride, length, target);
            input = target;
            stride = layer.OutputStride;
            (ping, pong) = (pong, ping);
        }

        for (int row = 0; stride != _outputSize && row < length; row++)
            input.Slice(row * stride, _outputSize).CopyTo(output[(row * _outputSize)..]);
        _buffers.Add((ping, pong));
    }

    private static int RowsOfAPart(int widest) => Math.Clamp(MostValuesOfAPart / widest, 1, MostRowsOfAPart);
}
