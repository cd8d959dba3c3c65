using MLNet.Papers.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.CoVe;

/// <summary>The encoder as it is trained, and as it scores on a GPU.</summary>
internal sealed class EncoderModule : nn.Module
{
    private readonly ModuleList<LstmLayer> layers = [];

    /// <summary>Makes the network with fresh weights, drawn from torch's process-wide generator.</summary>
    public EncoderModule(EncoderArchitecture architecture)
        : base(nameof(EncoderModule))
    {
        for (int layer = 0; layer < architecture.Layers; layer++)
            layers.Add(new LstmLayer(architecture.Lstm(layer)));
        RegisterComponents();
    }

    /// <summary>Runs all layers.</summary>
    /// <param name="vectors">(T, B, E): the vectors of words.</param>
    /// <param name="batch">How the sentences stand in them.</param>
    /// <param name="dropout">What is dropped of each layer's input.</param>
    /// <returns>Of each layer the outputs (T, B, 2H), forward and backward, and the states after each sentence's last step, (1, B, 2H) each.</returns>
    public (Tensor[] Outputs, LstmState[] Final) Run(Tensor vectors, RightAlignedBatch batch, DropoutNoise dropout = default)
    {
        var outputs = new Tensor[layers.Count];
        var final = new LstmState[layers.Count];
        Tensor input = vectors;
        for (int layer = 0; layer < layers.Count; layer++)
        {
            Tensor dropped = dropout.Apply(input);
            Tensor window = stack([dropped, batch.Reverse(dropped)], 0);  // (2, T, B, I)
            (Tensor both, LstmState state) = layers[layer].Run(window, layers[layer].ZeroState(window.shape[2]), batch.Kept);
            outputs[layer] = input = cat([both[0], batch.Reverse(both[1])], 2);
            final[layer] = new LstmState(Joined(state.Hidden), Joined(state.Cell));
        }

        return (outputs, final);
    }

    /// <summary>Multiplies what the first layer makes of its input.</summary>
    public void ScaleInput(double factor) => layers[0].ScaleInput(factor);

    // (2, B, H) -> (1, B, 2H)
    private static Tensor Joined(Tensor directions) => directions.permute(1, 0, 2).flatten(1).unsqueeze(0);
}
