using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Cactus;

/// <summary>The space Z that unlabelled rows were clustered in: a network from rows to embeddings. Principal components are one linear layer.</summary>
/// <param name="Architecture">The network, from D to d values.</param>
/// <param name="Weights">Its weights.</param>
internal sealed record EmbeddingSpace(LayeredArchitecture Architecture, NetworkWeights Weights)
{
    /// <summary>The embeddings of all rows, row by row.</summary>
    public float[] Embed(float[] features, TorchDevice device)
    {
        using EmbeddingScorer scorer = EmbeddingScorer.Create(Architecture, Weights, device);
        return BatchedEmbedding.All(features, scorer, Architecture);
    }

    public void Write(ModelWriter writer)
    {
        writer.WriteJson("architecture", Architecture);
        Weights.Write(writer, Architecture, "embedding.");
    }

    /// <exception cref="FormatException">The blocks are missing or describe no network.</exception>
    public static EmbeddingSpace Read(ModelReader reader)
    {
        LayeredArchitecture architecture = LayeredArchitecture.Read(reader);
        return new EmbeddingSpace(architecture, NetworkWeights.Read(reader, architecture, "embedding."));
    }
}
