using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Networks;

/// <summary>The scoring form of <see cref="PerceptronModule"/>: batches through torch, single rows through vectorised code on the calling thread.</summary>
/// <remarks>For one row a call into torch costs more than the arithmetic, and its thread pool makes latency depend on what else the machine does.</remarks>
internal sealed class PerceptronScorer : EmbeddingScorer
{
    private readonly (int Inputs, float[] Weight, float[] Bias)[] _layers;
    private readonly Lazy<(Tensor Weight, Tensor Bias)[]> _tensors;
    private readonly int _widest;
    private readonly Device _device;

    public PerceptronScorer(EmbeddingArchitecture architecture, NetworkWeights weights, Device device)
        : base(architecture)
    {
        _device = device;
        int[] units = [.. architecture.HiddenUnits, architecture.EmbeddingSize];
        _widest = units.Max();
        _layers = [.. units.Select((_, layer) =>
            (layer == 0 ? architecture.InputSize : units[layer - 1], weights[$"layers.{layer}.weight"], weights[$"layers.{layer}.bias"]))];
        _tensors = new(CreateTensors);
    }

    public override void Embed(float[] rows, int count, float[] embeddings) => EmbedByTorch(rows, count, embeddings, _device, Forward);

    public override void EmbedRow(float[] row, float[] embedding)
    {
        scoped Span<float> input = row;
        Span<float> ping = _widest <= 1024 ? stackalloc float[_widest] : new float[_widest];
        Span<float> pong = _widest <= 1024 ? stackalloc float[_widest] : new float[_widest];
        scoped Span<float> output;
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            (int inputs, float[] weight, float[] bias) = _layers[layer];
            bool isLast = layer == _layers.Length - 1;
            output = isLast ? embedding : (layer % 2 == 0 ? ping : pong)[..bias.Length];
            for (int unit = 0; unit < bias.Length; unit++)
                output[unit] = bias[unit] + TensorPrimitives.Dot(weight.AsSpan(unit * inputs, inputs), input);
            if (!isLast)
                TensorPrimitives.Max(output, 0f, output);
            input = output;
        }
    }

    public override void Dispose()
    {
        if (!_tensors.IsValueCreated)
            return;
        foreach ((Tensor weight, Tensor bias) in _tensors.Value)
        {
            weight.Dispose();
            bias.Dispose();
        }
    }

    private Tensor Forward(Tensor rows)
    {
        (Tensor Weight, Tensor Bias)[] layers = _tensors.Value;
        Tensor activations = rows;
        for (int layer = 0; layer < layers.Length; layer++)
        {
            activations = nn.functional.linear(activations, layers[layer].Weight, layers[layer].Bias);
            if (layer < layers.Length - 1)
                activations.relu_();
        }

        return activations;
    }

    private (Tensor Weight, Tensor Bias)[] CreateTensors()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable inference = inference_mode();
        return [.. _layers.Select(layer => (
            tensor(layer.Weight, [layer.Bias.Length, layer.Inputs]).clone().to(_device).DetachFromDisposeScope(),
            tensor(layer.Bias).clone().to(_device).DetachFromDisposeScope()))];
    }
}
