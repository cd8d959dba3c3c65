using MLNet.Papers.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>A network in the form that is trained, from rows (B, D) to rows (B, M): its weights as parameters and buffers of torch, under the names that they
/// are saved by.</summary>
internal sealed class LayeredModule : Module<Tensor, Tensor>
{
    private readonly LayerChain _chain;
    private readonly Dictionary<string, (Branch Owner, string Name)> _places = [];

    /// <summary>Makes the network with fresh weights, as <see cref="InitialWeights"/> draws them.</summary>
    /// <param name="network">The network.</param>
    public LayeredModule(LayeredNetwork network)
        : base(nameof(LayeredModule))
    {
        _chain = network.Describe();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Dictionary<string, Branch> branches = [];
        foreach (LayerWeight weight in _chain.AllWeights())
        {
            int dot = weight.Name.LastIndexOf('.');
            Branch owner = BranchOf(weight.Name[..dot]);
            owner.Add(weight.Name[(dot + 1)..], weight, weight.Initial(_chain.Initialization).DetachFromDisposeScope());
            _places[weight.Name] = (owner, weight.Name[(dot + 1)..]);
        }

        Branch BranchOf(string path)
        {
            if (branches.TryGetValue(path, out Branch? known))
                return known;
            int dot = path.LastIndexOf('.');
            Module parent = dot < 0 ? this : BranchOf(path[..dot]);
            parent.register_module(path[(dot + 1)..], branches[path] = new Branch());
            return branches[path];
        }
    }

    public override Tensor forward(Tensor input) => Forward(input, training ? Pass.Training : Pass.Scoring);

    /// <summary>Computes the network for whatever purpose.</summary>
    public Tensor Forward(Tensor input, Pass pass) => _chain.Forward(input, WeightOf, pass);

    private Tensor WeightOf(string name) => _places[name].Owner[_places[name].Name];

    /// <summary>Part of the tree that torch makes of names with dots.</summary>
    private sealed class Branch() : Module(nameof(Branch))
    {
        private readonly List<string> _constants = [];

        public Tensor this[string name] => get_parameter(name) ?? get_buffer(name)!;

        public void Add(string name, LayerWeight weight, Tensor values)
        {
            if (weight.IsTrained)
            {
                register_parameter(name, Parameter(values));
                return;
            }

            register_buffer(name, values, persistent: weight.Use != WeightUse.Constant);
            if (weight.Use == WeightUse.Constant)
                _constants.Add(name);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _constants.ForEach(name => get_buffer(name)?.Dispose());  // torch's modules free only what is part of their state
            base.Dispose(disposing);
        }
    }
}
