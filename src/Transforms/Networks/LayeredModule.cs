using MLNet.Papers.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>A network in the form that is trained, from rows (B, D) to rows (B, M): its weights as parameters and buffers of torch, under the names that they
/// are saved by.</summary>
internal sealed class LayeredModule : Module<Tensor, Tensor>
{
    private readonly LayerChain _chain;
    private readonly WeightModule _weights;

    /// <summary>Makes the network with fresh weights, as <see cref="InitialWeights"/> draws them.</summary>
    /// <param name="network">The network.</param>
    public LayeredModule(LayeredNetwork network)
        : this(network.Describe())
    {
    }

    /// <summary>The same of a chain of layers.</summary>
    public LayeredModule(LayerChain chain)
        : base(nameof(LayeredModule))
    {
        _chain = chain;
        _weights = new WeightModule(_chain.AllWeights(), _chain.Initialization);
        foreach ((string name, Module child) in _weights.named_children())
            register_module(name, child);
    }

    public override Tensor forward(Tensor input) => Forward(input, training ? Pass.Training : Pass.Scoring);

    /// <summary>Computes the network for whatever purpose.</summary>
    public Tensor Forward(Tensor input, Pass pass) => _chain.Forward(input, _weights.Of, pass);
}
