using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MLNet.Papers.Elmo;

/// <summary>The network with what it is trained by: the softmax over words that both directions share.</summary>
internal sealed class LanguageModelModule : nn.Module
{
    private readonly ElmoArchitecture _architecture;

    [ComponentName(Name = "network")]
    private readonly WeightModule _network;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;


    /// <param name="architecture">The network.</param>
    /// <param name="words">V.</param>
    public LanguageModelModule(ElmoArchitecture architecture, int words)
        : base(nameof(LanguageModelModule))
    {
        _architecture = architecture;
        _network = new WeightModule(architecture.AllWeights(), Initialization.Normal);
        using DisposeScope scope = NewDisposeScope();
        _weight = new Parameter(empty(words, architecture.ProjectionSize).normal_(0, Math.Sqrt(1.0 / architecture.ProjectionSize)).DetachFromDisposeScope());
        _bias = new Parameter(zeros(words).DetachFromDisposeScope());
        RegisterComponents();
    }

    /// <summary>The network's weights.</summary>
    public WeightModule Network => _network;

    /// <summary>(V, P).</summary>
    public Tensor Weight => _weight;

    /// <summary>(V).</summary>
    public Tensor Bias => _bias;

    /// <summary>The context-free vectors of tokens.</summary>
    /// <param name="tokens">U tokens, each its <see cref="CharacterIds"/> without padding.</param>
    /// <returns>(U, P).</returns>
    public Tensor Encode(IReadOnlyList<int[]> tokens)
    {
        float[] ids = [.. tokens.SelectMany(_architecture.Padded).Select(id => (float)id)];
        return _architecture.Encoder().Describe()
            .Forward(tensor(ids, [tokens.Count, _architecture.MaxCharacters]).to(_weight.device), _network.Of, Pass.Training);
    }

    /// <summary>Runs both stacks over a window.</summary>
    /// <param name="window">(2, T, B, P): the tokens' context-free vectors, for the second direction in reverse order.</param>
    /// <param name="states">The states of all layers before it; null for zeros.</param>
    /// <param name="kept">(2, T, B, 1): 0 where a sentence begins and the states are forgotten, 1 elsewhere; null if none begins.</param>
    /// <param name="dropout">What is dropped of each layer's input.</param>
    /// <returns>The output of the top layer, (2, T, B, P), and the states after it.</returns>
    public (Tensor Top, RecurrentState[] States) Run(Tensor window, RecurrentState[]? states = null, Tensor? kept = null, DropoutNoise dropout = default)
    {
        (Tensor[] outputs, RecurrentState[] after) = _architecture.Stack().Run(window, _network.Of, states, kept, dropout: dropout);
        return (outputs[^1], after);
    }

    /// <summary>The states before the first window.</summary>
    public RecurrentState[] ZeroStates(long sequences)
    {
        using Tensor window = _weight.new_empty([ElmoArchitecture.Directions, 1, sequences, 1]);
        return [.. _architecture.Stack().Layers.Select(layer => layer.ZeroState(window))];
    }
}
