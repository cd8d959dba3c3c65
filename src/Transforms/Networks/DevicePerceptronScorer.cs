using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>The scoring form of <see cref="PerceptronModule"/> on a GPU: whole batches through torch.</summary>
internal sealed class DevicePerceptronScorer : EmbeddingScorer
{
    private readonly Device _device;
    private readonly (Tensor Weight, Tensor Bias)[] _layers;

    public DevicePerceptronScorer(EmbeddingArchitecture architecture, NetworkWeights weights, Device device)
        : base(architecture)
    {
        _device = device;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable inference = inference_mode();
        _layers = [.. Enumerable.Range(0, architecture.HiddenUnits.Length + 1).Select(layer =>
        {
            float[] bias = weights[$"layers.{layer}.bias"];
            return (Keep(tensor(weights[$"layers.{layer}.weight"]).view(bias.Length, -1)), Keep(tensor(bias)));
        })];

        Tensor Keep(Tensor tensor) => tensor.clone().to(device).DetachFromDisposeScope();
    }

    public override void Embed(float[] rows, int count, float[] embeddings) => EmbedByTorch(rows, count, embeddings, _device, Forward);

    public override bool IsNative => true;

    public override void Dispose()
    {
        foreach ((Tensor weight, Tensor bias) in _layers)
        {
            weight.Dispose();
            bias.Dispose();
        }
    }

    private Tensor Forward(Tensor rows)
    {
        Tensor activations = rows;
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            activations = nn.functional.linear(activations, _layers[layer].Weight, _layers[layer].Bias);
            if (layer < _layers.Length - 1)
                activations.relu_();
        }

        return activations;
    }
}
