using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>The scoring form of networks that no fused kernel fits: the module that was trained, in evaluation mode.</summary>
internal sealed class ModuleScorer : EmbeddingScorer
{
    private readonly nn.Module<Tensor, Tensor> _module;
    private readonly Device _device;

    public ModuleScorer(INetworkArchitecture architecture, Func<nn.Module<Tensor, Tensor>> create, NetworkWeights weights, Device device)
        : base(architecture)
    {
        _device = device;
        _module = ScoringModule.Create(create, architecture, weights, device);
    }

    public override void Embed(float[] rows, int count, float[] embeddings) => EmbedByTorch(rows, count, embeddings, _device, _module.forward);

    public override bool IsNative => true;

    public override void Dispose() => _module.Dispose();
}

/// <summary>Makes modules that only score.</summary>
internal static class ScoringModule
{
    /// <summary>Makes a module with given weights in evaluation mode.</summary>
    public static TModule Create<TModule>(Func<TModule> create, INetworkArchitecture architecture, NetworkWeights weights, Device device)
        where TModule : nn.Module
    {
        TModule module;
        using (new InitialWeights())
            module = create();
        weights.CopyTo(architecture, module);
        module.to(device);
        module.eval();
        return module;
    }
}
