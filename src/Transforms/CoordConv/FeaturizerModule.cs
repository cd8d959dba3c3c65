using MLNet.Papers.Networks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.CoordConv;

/// <summary>The image featurizer in the form that is trained: from rows (B, D) to features (B, M).</summary>
internal sealed class FeaturizerModule : Module<Tensor, Tensor>
{
    private readonly int _filters;
    private readonly EmbeddingModule convolution;
    private readonly TorchSharp.Modules.Linear hidden;

    /// <summary>Makes the network with fresh weights, drawn from torch's process-wide generator.</summary>
    public FeaturizerModule(FeaturizerArchitecture architecture)
        : base(nameof(FeaturizerModule))
    {
        _filters = architecture.Convolution.Filters;
        convolution = EmbeddingModule.Create(architecture.Convolution);
        hidden = Linear(architecture.PooledSize, architecture.Features);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor maps = convolution.forward(input).view(input.shape[0], _filters, -1);  // (B, F · H' · W') -> (B, F, P)
        return hidden.forward(cat([maps.mean([2L]), maps.amax([2L])], dim: 1)).relu_();  // (B, 2 F) -> (B, M)
    }
}
