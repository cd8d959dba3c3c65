using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Elmo;

/// <summary>A trained network outside of torch, as transformers keep and save it. Immutable.</summary>
internal sealed record ElmoModel(ElmoArchitecture Architecture, NetworkWeights Weights)
{
    /// <summary>The most tokens that the network reads in one go; a longer text is cut into pieces, each of which begins from zero states.</summary>
    public const int MaxTokens = 512;

    public void Write(ModelWriter writer)
    {
        writer.WriteJson("architecture", Architecture);
        Weights.Write(writer, Architecture);
    }

    /// <exception cref="FormatException">The blocks are missing or describe no network.</exception>
    public static ElmoModel Read(ModelReader reader)
    {
        ElmoArchitecture architecture = reader.ReadJson<ElmoArchitecture>("architecture");
        if (architecture.FindFault() is { } fault)
            throw new FormatException($"Block 'architecture' describes no network: {fault}.");
        return new ElmoModel(architecture, NetworkWeights.Read(reader, architecture));
    }
}
