using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

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
