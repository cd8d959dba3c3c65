using System.Collections.Concurrent;

namespace MLNet.Papers.Networks;

/// <summary>The scoring form of <see cref="PerceptronModule"/> on a CPU: fused layers, for small work on the calling thread and for large batches in parallel.</summary>
/// <remarks>For a few rows a call into torch costs more than the arithmetic, and its thread pool makes latency depend on what else the machine does.</remarks>
internal sealed class PerceptronScorer : EmbeddingScorer
{
    private const int RowsOfAPart = 32;
    private const long LeastParallelWork = 4_000_000;

    private readonly FusedDense[] _layers;
    private readonly long _workOfARow;
    private readonly int _widest;
    private readonly ConcurrentBag<(float[] Ping, float[] Pong)> _buffers = [];

    public PerceptronScorer(EmbeddingArchitecture architecture, NetworkWeights weights)
        : base(architecture)
    {
        int count = architecture.HiddenUnits.Length + 1;
        _layers = [.. Enumerable.Range(0, count).Select(layer =>
            new FusedDense(weights[$"layers.{layer}.weight"], weights[$"layers.{layer}.bias"], rectify: layer < count - 1))];
        _workOfARow = architecture.Weights().Sum(weight => weight.Shape.Aggregate(1L, (product, dimension) => product * dimension));
        _widest = _layers.Max(layer => layer.OutputStride);
    }

    public override void Embed(float[] rows, int count, float[] embeddings)
    {
        int parts = (count + RowsOfAPart - 1) / RowsOfAPart;
        if (count * _workOfARow < LeastParallelWork)
        {
            for (int part = 0; part < parts; part++)
                EmbedPart(rows, count, part, embeddings);
        }
        else
        {
            Parallel.For(0, parts, part => EmbedPart(rows, count, part, embeddings));
        }
    }

    /// <summary>Nothing here is native.</summary>
    public override void Dispose()
    {
    }

    private void EmbedPart(float[] rows, int count, int part, float[] embeddings)
    {
        (float[] ping, float[] pong) = _buffers.TryTake(out (float[], float[]) free) ? free : (new float[RowsOfAPart * _widest], new float[RowsOfAPart * _widest]);
        int first = part * RowsOfAPart, length = Math.Min(RowsOfAPart, count - first), stride = InputSize;
        ReadOnlySpan<float> input = rows.AsSpan(first * InputSize, length * InputSize);
        foreach (FusedDense layer in _layers)
        {
            layer.Run(input, stride, length, ping);
            input = ping;
            stride = layer.OutputStride;
            (ping, pong) = (pong, ping);
        }

        for (int row = 0; row < length; row++)
            input.Slice(row * stride, OutputSize).CopyTo(embeddings.AsSpan((first + row) * OutputSize));
        _buffers.Add((ping, pong));
    }
}
