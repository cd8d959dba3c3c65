using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>Linear layers with rectifiers between them.</summary>
internal sealed class PerceptronModule : EmbeddingModule
{
    private readonly TorchSharp.Modules.ModuleList<TorchSharp.Modules.Linear> layers = [];

    public PerceptronModule(EmbeddingArchitecture architecture)
        : base(nameof(PerceptronModule))
    {
        int inputs = architecture.InputSize;
        foreach (int outputs in architecture.HiddenUnits.Append(architecture.EmbeddingSize))
        {
            layers.Add(Linear(inputs, outputs));
            inputs = outputs;
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor activations = layers[0].forward(input);
        for (int layer = 1; layer < layers.Count; layer++)
            activations = layers[layer].forward(activations.relu_());
        return activations;
    }
}
