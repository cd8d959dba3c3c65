using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>The scoring form of <see cref="ConvolutionModule"/>, with each batch normalization folded into the convolution before it.</summary>
internal sealed class ConvolutionScorer : EmbeddingScorer
{
    private const double NormalizationEpsilon = 1e-5;

    private readonly ImageShape _shape;
    private readonly (Tensor Weight, Tensor Bias)[] _blocks;

    public ConvolutionScorer(EmbeddingArchitecture architecture, NetworkWeights weights, Device device)
        : base(architecture, device)
    {
        _shape = architecture.ImageShape!.Value;
        _blocks = new (Tensor, Tensor)[architecture.Blocks];
        using DisposeScope scope = NewDisposeScope();
        using IDisposable inference = inference_mode();
        for (int block = 0, channels = _shape.Channels; block < _blocks.Length; block++, channels = architecture.Filters)
        {
            Tensor Weight(string name, params ReadOnlySpan<long> shape) => tensor(weights[$"blocks.{block}.{name}"], shape, dtype: ScalarType.Float64);
            long filters = architecture.Filters;
            Tensor scale = Weight("normalization.weight", filters) / (Weight("normalization.running_var", filters) + NormalizationEpsilon).sqrt();
            Tensor weight = Weight("convolution.weight", filters, channels, ConvolutionModule.KernelSize, ConvolutionModule.KernelSize) * scale.view(-1, 1, 1, 1);
            Tensor bias = ((Weight("convolution.bias", filters) - Weight("normalization.running_mean", filters)) * scale) + Weight("normalization.bias", filters);
            _blocks[block] = (Keep(ChannelsLast.Of(weight.to(ScalarType.Float32))), Keep(bias.to(ScalarType.Float32)));
        }

        Tensor Keep(Tensor tensor) => tensor.to(device).DetachFromDisposeScope();
    }

    public override void Dispose()
    {
        foreach ((Tensor weight, Tensor bias) in _blocks)
        {
            weight.Dispose();
            bias.Dispose();
        }
    }

    private protected override Tensor Forward(Tensor rows)
    {
        // For a single small image libtorch leaves its fast convolution for one that is slow and, where the processor is not to its liking, prints a
        // warning each time: two images take the fast one.
        long count = rows.shape[0];
        Tensor images = (count == 1 ? rows.repeat(2, 1) : rows).view(-1, _shape.Channels, _shape.Height, _shape.Width);  // (B, D) -> (B, C, H, W)
        Tensor activations = ChannelsLast.Of(images);
        foreach ((Tensor weight, Tensor bias) in _blocks)
            activations = nn.functional.max_pool2d(nn.functional.conv2d(activations, weight, bias, padding: [1, 1]), 2).relu_();
        return activations.flatten(1).narrow(0, 0, count);  // (B, F, H / 16, W / 16) -> (B, M)
    }
}
