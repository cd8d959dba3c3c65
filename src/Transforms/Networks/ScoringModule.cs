using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>Makes modules that only score.</summary>
internal static class ScoringModule
{
    /// <summary>Makes a module with given weights in evaluation mode. What its initialisation draws from torch's process-wide generator is put back.</summary>
    public static TModule Create<TModule>(Func<TModule> create, INetworkArchitecture architecture, NetworkWeights weights, Device device)
        where TModule : nn.Module
    {
        using Tensor generator = random.get_rng_state();
        TModule module = create();
        random.set_rng_state(generator);
        weights.CopyTo(architecture, module);
        module.to(device);
        module.eval();
        return module;
    }
}
