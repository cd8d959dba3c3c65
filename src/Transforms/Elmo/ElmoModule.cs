using MLNet.Papers.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Elmo;

/// <summary>The bidirectional language model up to its top layer (Peters et al. 2018, section 3.1): an encoder of characters and, in each direction, a stack of LSTM layers.</summary>
internal sealed class ElmoModule : nn.Module
{
    private readonly ElmoArchitecture _architecture;
    private readonly CharacterEncoder encoder;
    private readonly ModuleList<LstmLayer> layers = [];

    /// <summary>Makes the network with fresh weights, drawn from torch's process-wide generator.</summary>
    public ElmoModule(ElmoArchitecture architecture)
        : base(nameof(ElmoModule))
    {
        _architecture = architecture;
        encoder = new CharacterEncoder(architecture);
        for (int layer = 0; layer < architecture.Layers; layer++)
            layers.Add(new LstmLayer(architecture.Lstm()));
        RegisterComponents();
    }

    public CharacterEncoder Encoder => encoder;

    /// <summary>The states before a sentence.</summary>
    public LstmState[] ZeroStates(long sequences) => [.. layers.Select(layer => layer.ZeroState(sequences))];

    /// <summary>Runs both stacks over a window.</summary>
    /// <param name="window">(2, T, B, P): the tokens' context-free vectors, for the second direction in reverse order.</param>
    /// <param name="states">The states of all layers before it.</param>
    /// <param name="kept">(2, T, B, 1): 0 where a sentence begins and the states are forgotten, 1 elsewhere; null if none begins.</param>
    /// <param name="dropout">What is dropped of each layer's input.</param>
    /// <returns>The output of every layer, (2, T, B, P) each, and the states after it.</returns>
    public (Tensor[] Layers, LstmState[] States) Run(Tensor window, LstmState[] states, Tensor? kept = null, DropoutNoise dropout = default)
    {
        var outputs = new Tensor[layers.Count];
        var after = new LstmState[layers.Count];
        Tensor input = window;
        for (int layer = 0; layer < layers.Count; layer++)
        {
            Tensor dropped = dropout.Apply(input);
            (Tensor output, after[layer]) = layers[layer].Run(dropped, states[layer], kept);
            outputs[layer] = input = _architecture.SkipConnections && layer > 0 ? output + dropped : output;
        }

        return (outputs, after);
    }
}
