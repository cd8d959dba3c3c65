using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Maml;

/// <summary>What MAML's gradient steps made of its initialization.</summary>
/// <param name="Architecture">The network, with an output for each class.</param>
/// <param name="Weights">θ'.</param>
internal sealed record AdaptedNetwork(LayeredArchitecture Architecture, NetworkWeights Weights) : IModelPart<AdaptedNetwork>
{
    /// <summary>Its scoring form.</summary>
    public EmbeddingScorer CreateScorer(TorchDevice device) => new ProbabilityScorer(Architecture, [EmbeddingScorer.Create(Architecture, Weights, device)]);

    // The initialization and the classes tell the architecture, which is not saved.
    void IModelPart.Write(ModelWriter writer, string block) => Weights.Write(writer, Architecture, block + ".");

    static AdaptedNetwork IModelPart<AdaptedNetwork>.Read(ModelReader reader, string block)
    {
        LayeredArchitecture architecture = reader.Members.Latest<MamlNetwork>().For(reader.Members.Latest<ClassLabels>().Count);
        return architecture.FindFault() is { } fault
            ? throw new FormatException($"Block 'labels' has too many classes: {fault}.")
            : new(architecture, NetworkWeights.Read(reader, architecture, block + "."));
    }
}
