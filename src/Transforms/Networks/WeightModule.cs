using MLNet.Papers.Layers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>The weights of a network as torch trains them: parameters and buffers under the names that they are saved by.</summary>
internal sealed class WeightModule : Module
{
    private readonly Dictionary<string, (WeightModule Owner, string Name)> _places = [];
    private readonly List<string> _constants = [];

    /// <summary>Makes fresh weights, as <see cref="InitialWeights"/> draws them.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="initialization">How they are drawn.</param>
    public WeightModule(IEnumerable<LayerWeight> weights, Initialization initialization = Initialization.HeNormal)
        : base(nameof(WeightModule))
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Dictionary<string, WeightModule> branches = new() { [""] = this };
        foreach (LayerWeight weight in weights)
        {
            int dot = weight.Name.LastIndexOf('.');
            (WeightModule owner, string name) = (BranchOf(weight.Name[..Math.Max(dot, 0)]), weight.Name[(dot + 1)..]);
            owner.Add(name, weight, weight.Initial(initialization).DetachFromDisposeScope());
            _places[weight.Name] = (owner, name);
        }

        // Part of the tree that torch makes of names with dots.
        WeightModule BranchOf(string path)
        {
            if (branches.TryGetValue(path, out WeightModule? known))
                return known;
            int dot = path.LastIndexOf('.');
            WeightModule parent = BranchOf(path[..Math.Max(dot, 0)]);
            parent.register_module(path[(dot + 1)..], branches[path] = new WeightModule([]));
            return branches[path];
        }
    }

    /// <summary>A weight by its name.</summary>
    public Tensor Of(string name)
    {
        (WeightModule owner, string own) = _places[name];
        return owner.get_parameter(own) ?? owner.get_buffer(own)!;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _constants.ForEach(name => get_buffer(name)?.Dispose());  // torch's modules free only what is part of their state
        base.Dispose(disposing);
    }

    private void Add(string name, LayerWeight weight, Tensor values)
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
}
