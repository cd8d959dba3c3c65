using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Series;

/// <summary>Some series one after the other.</summary>
/// <param name="Values">p values of each step.</param>
/// <param name="Starts">Where each series begins, and behind them where the last one ends.</param>
/// <param name="Channels">p.</param>
internal readonly record struct SeriesBatch(float[] Values, int[] Starts, int Channels)
{
    /// <summary>The length of a series.</summary>
    public int Steps(int row) => (Starts[row + 1] - Starts[row]) / Channels;

    /// <summary>The values of a series.</summary>
    public ReadOnlySpan<float> Row(int row) => Values.AsSpan(Starts[row], Starts[row + 1] - Starts[row]);
}

/// <summary>A network over series in the form that scores: no gradients, safe to share between threads.</summary>
internal abstract class SeriesScorer(SeriesArchitecture architecture) : IScorer
{
    protected SeriesArchitecture Architecture { get; } = architecture;

    /// <summary>Makes the scoring form of a network for a device.</summary>
    public static SeriesScorer Create(SeriesArchitecture architecture, NetworkWeights weights, TorchDevice device) =>
        device.IsCpu ? new KernelSeriesScorer(architecture, weights) : new TorchSeriesScorer(architecture, weights, device);

    /// <summary>Scores series.</summary>
    /// <param name="series">The series; an empty one has a state of zeros.</param>
    /// <param name="count">How many there are; at least 1.</param>
    /// <param name="outputs">Room for M values of each.</param>
    public abstract void Score(SeriesBatch series, int count, float[] outputs);

    /// <inheritdoc/>
    public abstract bool IsNative { get; }

    public abstract void Dispose();
}

/// <summary>On a CPU, by kernels of our own: values do not depend on what else is scored.</summary>
internal sealed class KernelSeriesScorer : SeriesScorer
{
    private readonly ISeriesKernel[] _layers;
    private readonly int[] _sizes;
    private readonly float[]? _embedding;
    private readonly FusedDense _head;
    private readonly long _valuesOfAStep;
    private readonly long _workOfAStep;

    public KernelSeriesScorer(SeriesArchitecture architecture, NetworkWeights weights)
        : base(architecture)
    {
        _layers = [.. architecture.SeriesLayers().Select((layer, i) => layer.SeriesKernel(SeriesArchitecture.Own<float[]>(name => weights[name], i)))];
        _sizes = [architecture.InputSize, .. architecture.SeriesLayers().Select(layer => layer.OutputSize)];
        _embedding = architecture.Symbols > 0 ? weights["embedding"] : null;
        _head = new FusedDense(weights[architecture.HeadWeight], weights["head.bias"], rectify: false);
        (_valuesOfAStep, _workOfAStep) = (architecture.ValuesOfAStep(), architecture.WorkOfAStep());
    }

    public override bool IsNative => false;

    public override void Score(SeriesBatch series, int count, float[] outputs) =>
        SeriesGroups.Run(
            count, series.Steps, row => _valuesOfAStep * Math.Max(1, series.Steps(row)), row => _workOfAStep * series.Steps(row),
            group => Score(series, group, outputs));

    public override void Dispose()
    {
    }

    private void Score(SeriesBatch series, ArraySegment<int> rows, float[] outputs)
    {
        int there = rows.Count(row => series.Steps(row) > 0), features = _sizes[^1];
        using Scratch last = new(checked(rows.Count * features)), head = new(checked(rows.Count * _head.OutputStride));
        last.Span.Clear();
        if (there > 0)
            RunLayers(series, rows[..there], last.Span);
        _head.Run(last.Span, features, rows.Count, head.Span);
        for (int row = 0; row < rows.Count; row++)
            head.Span.Slice(row * _head.OutputStride, _head.Units).CopyTo(outputs.AsSpan(rows[row] * _head.Units));
    }

    private void RunLayers(SeriesBatch series, ArraySegment<int> rows, Span<float> last)
    {
        var packed = new PackedSequences([.. rows.Select(series.Steps)]);
        int widest = _sizes[..^1].Max();
        using Scratch first = new(checked(packed.Total * widest)), second = new(_layers.Length > 1 ? checked(packed.Total * widest) : 0);
        Span<float> input = first.Span, output = second.Span;
        for (int step = 0; step < packed.Steps; step++)
        {
            for (int row = 0; row < packed.Active(step); row++)
                Read(series.Row(rows[row]), step, input.Slice((packed.Offset(step) + row) * _sizes[0], _sizes[0]));
        }

        for (int layer = 0; layer < _layers.Length - 1; layer++)
        {
            _layers[layer].RunSeries(packed, input, output);
            Span<float> read = input;
            input = output;
            output = read;
        }

        _layers[^1].RunToLast(packed, input, last);
    }

    // The vector of a step.
    private void Read(ReadOnlySpan<float> series, int step, Span<float> vector)
    {
        if (_embedding is null)
            series.Slice(step * vector.Length, vector.Length).CopyTo(vector);
        else
            _embedding.AsSpan((int)series[step] * vector.Length, vector.Length).CopyTo(vector);
    }
}

/// <summary>On a GPU, by torch.</summary>
internal sealed class TorchSeriesScorer : SeriesScorer
{
    private const long MostValues = 1L << 26;

    private readonly Dictionary<string, Tensor> _weights;
    private readonly Device _device;

    public TorchSeriesScorer(SeriesArchitecture architecture, NetworkWeights weights, Device device)
        : base(architecture)
    {
        _device = device;
        _weights = TorchScorer.Weights(architecture.AllWeights(), weights, device);
    }

    public override bool IsNative => true;

    public override void Score(SeriesBatch series, int count, float[] outputs)
    {
        int[] order = [.. Enumerable.Range(0, count).OrderByDescending(series.Steps)];
        for (int first = 0; first < count;)
        {
            int longest = Math.Max(1, series.Steps(order[first]));
            int size = (int)Math.Clamp(MostValues / (Architecture.ValuesOfAStep() * longest), 1, count - first);
            Score(series, order[first..(first + size)], longest, outputs);
            first += size;
        }
    }

    public override void Dispose()
    {
        foreach (Tensor weight in _weights.Values)
            weight.Dispose();
    }

    private void Score(SeriesBatch series, int[] rows, int longest, float[] outputs)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable inference = inference_mode();
        int channels = series.Channels, width = longest * channels;
        float[] padded = new float[checked(rows.Length * width)], isThere = new float[rows.Length];
        long[] last = new long[rows.Length];
        for (int row = 0; row < rows.Length; row++)
        {
            series.Row(rows[row]).CopyTo(padded.AsSpan(row * width));
            (last[row], isThere[row]) = (Math.Max(0, series.Steps(rows[row]) - 1), Math.Min(1, series.Steps(rows[row])));
        }

        Tensor steps = tensor(padded, [rows.Length, longest, channels]).clone().to(_device).transpose(0, 1);
        Tensor features = Architecture.Features(steps, tensor(last).to(_device), Weight) * tensor(isThere, [rows.Length, 1]).to(_device);
        float[] values = Architecture.Head(features, Weight).cpu().contiguous().data<float>().ToArray();
        for (int row = 0; row < rows.Length; row++)
            values.AsSpan(row * Architecture.Outputs, Architecture.Outputs).CopyTo(outputs.AsSpan(rows[row] * Architecture.Outputs));

        Tensor Weight(string name) => _weights[name];
    }
}
