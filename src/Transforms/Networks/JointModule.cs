using MLNet.Papers.Layers;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>Networks that are trained together, each under its name.</summary>
internal sealed class JointModule : Module
{
    private readonly Dictionary<string, LayeredModule> _networks = [];

    /// <summary>Makes the networks with fresh weights, one after the other.</summary>
    public JointModule(params (string Name, LayerChain Network)[] networks)
        : base(nameof(JointModule))
    {
        foreach ((string name, LayerChain network) in networks)
            register_module(name, _networks[name] = new LayeredModule(network));
    }

    /// <summary>A network by its name.</summary>
    public LayeredModule this[string name] => _networks[name];
}
