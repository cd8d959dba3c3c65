using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>The scoring form of <see cref="ConvolutionModule"/> on a GPU: whole batches through torch.</summary>
internal sealed class DeviceConvolutionScorer : EmbeddingScorer
{
    private readonly ImageShape _shape;
    private readonly Device _device;
    private readonly (Tensor Weight, Tensor Bias)[] _blocks;

    public DeviceConvolutionScorer(EmbeddingArchitecture architecture, NetworkWeights weights, Device device)
        : base(architecture)
    {
        _shape = architecture.ImageShape!.Value;
        _device = device;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable inference = inference_mode();
        _blocks = [.. Enumerable.Range(0, architecture.Blocks).Select(block =>
        {
            FoldedBlock folded = FoldedBlock.Of(architecture, weights, block);
            Tensor weight = tensor(folded.Weights).view(architecture.Filters, -1, ConvolutionModule.KernelSize, ConvolutionModule.KernelSize);
            return (Keep(ChannelsLast.Of(weight)), Keep(tensor(folded.Biases)));
        })];

        Tensor Keep(Tensor tensor) => tensor.to(device).DetachFromDisposeScope();
    }

    public override void Embed(float[] rows, int count, float[] embeddings) => EmbedByTorch(rows, count, embeddings, _device, Forward);

    public override bool IsNative => true;

    public override void Dispose()
    {
        foreach ((Tensor weight, Tensor bias) in _blocks)
        {
            weight.Dispose();
            bias.Dispose();
        }
    }

    private Tensor Forward(Tensor rows)
    {
        Tensor activations = ChannelsLast.Of(rows.view(-1, _shape.Channels, _shape.Height, _shape.Width));  // (B, D) -> (B, C, H, W)
        foreach ((Tensor weight, Tensor bias) in _blocks)
            activations = nn.functional.max_pool2d(nn.functional.conv2d(activations, weight, bias, padding: [1, 1]), 2).relu_();
        return activations.flatten(1);  // (B, F, H / 16, W / 16) -> (B, M)
    }
}
