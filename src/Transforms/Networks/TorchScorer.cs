using MLNet.Papers.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>The scoring form of a network on a GPU: whole batches through torch.</summary>
internal sealed class TorchScorer : EmbeddingScorer
{
    private const long MostValues = 1L << 26;

    private readonly LayerChain _chain;
    private readonly Device _device;
    private readonly Dictionary<string, Tensor> _weights;
    private readonly int _rowsAtOnce;

    public TorchScorer(LayeredNetwork network, NetworkWeights weights, Device device)
        : base(network)
    {
        (_chain, _device) = (network.Describe(), device);
        // Torch keeps all layers of all rows.
        _rowsAtOnce = (int)Math.Clamp(MostValues / network.TorchValues(), 1, int.MaxValue);
        _weights = Weights(_chain.AllWeights(), weights, device);
    }

    /// <summary>Weights and constants on a device, to be disposed by the caller.</summary>
    public static Dictionary<string, Tensor> Weights(IEnumerable<LayerWeight> described, NetworkWeights weights, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        return described.ToDictionary(
            weight => weight.Name, weight => weight.Of(weight.Constant?.Invoke() ?? weights[weight.Name]).to(device).DetachFromDisposeScope());
    }

    public override bool IsNative => true;

    public override void Embed(float[] rows, int count, float[] embeddings)
    {
        for (int first = 0; first < count; first += _rowsAtOnce)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable inference = inference_mode();
            int part = Math.Min(_rowsAtOnce, count - first);
            // Managed arrays begin at any address, and matrix kernels round differently for different alignments: torch's own memory always gives the same
            // sums.
            Tensor batch = frombuffer(rows, ScalarType.Float32, (long)count * InputSize).view(count, InputSize).narrow(0, first, part).clone();
            Tensor output = _chain.Forward(batch.to(_device), name => _weights[name], Pass.Scoring).cpu().contiguous();
            output.data<float>().CopyTo(embeddings.AsSpan(checked(first * OutputSize), checked(part * OutputSize)));
        }
    }

    public override void Dispose()
    {
        foreach (Tensor weight in _weights.Values)
            weight.Dispose();
    }
}
