using MLNet.Papers.Networks;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.Papers.Elmo;

/// <summary>Equation 1 with the classifier that it is learned with. The layers begin with equal weights, the scale with 1.</summary>
internal sealed class LayerMixModule : nn.Module
{
    private readonly LayerMixArchitecture _architecture;

    [ComponentName(Name = "mix")]
    private readonly Parameter _mix;

    [ComponentName(Name = "scale")]
    private readonly Parameter _scale;

    [ComponentName(Name = "head")]
    private readonly Linear _head;


    public LayerMixModule(LayerMixArchitecture architecture)
        : base(nameof(LayerMixModule))
    {
        _architecture = architecture;
        using DisposeScope scope = NewDisposeScope();
        _mix = new Parameter(zeros(architecture.Layers).DetachFromDisposeScope());
        _scale = new Parameter(ones(1).DetachFromDisposeScope());
        _head = nn.Linear(architecture.Size, architecture.Classes);
        RegisterComponents();
    }

    /// <summary>Cross-entropy, and the penalty on the weights w before their softmax.</summary>
    /// <param name="vectors">(N, layers * size), on a scale of mean 0 and deviation 1.</param>
    /// <param name="classes">(N).</param>
    /// <param name="dropout">What is dropped of the mixed vectors.</param>
    /// <param name="penalty">lambda.</param>
    public Tensor Loss(Tensor vectors, Tensor classes, DropoutNoise dropout, double penalty)
    {
        Tensor layers = vectors.view(-1, _architecture.Layers, _architecture.Size);
        Tensor mixed = _architecture.Layers == 1 ? layers.squeeze(1) * _scale : (layers * _mix.softmax(0).view(1, -1, 1)).sum(1) * _scale;  // (N, size)
        Tensor loss = nn.functional.cross_entropy(_head.forward(dropout.Apply(mixed)), classes);
        return training && penalty > 0 ? loss + _mix.square().sum().Times(penalty) : loss;
    }
}
