using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Cactus;

/// <summary>The space Z that unlabelled rows were clustered in: a network from rows to embeddings. Principal components are one linear layer.</summary>
/// <param name="Architecture">The network, from D to d values.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Centre">What is subtracted from a row before the network is given it: the mean of the rows that it was fitted to. Null in models that were saved without one.</param>
internal sealed record EmbeddingSpace(LayeredArchitecture Architecture, NetworkWeights Weights, double[]? Centre)
{
    private const string CentreBlock = "embedding.centre";

    /// <summary>The embeddings of all rows, row by row.</summary>
    /// <param name="features">The rows.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="check">Called between batches; throws to stop.</param>
    public float[] Embed(float[] features, TorchDevice device, Action? check = null)
    {
        using EmbeddingScorer scorer = EmbeddingScorer.Create(Architecture, Weights, device);
        return BatchedEmbedding.All(Centre is null ? features : Centring.Subtract(features, Centre, check), scorer, Architecture, check);
    }

    public void Write(ModelWriter writer)
    {
        writer.WriteJson("architecture", Architecture);
        Weights.Write(writer, Architecture, "embedding.");
        if (Centre is not null)
            writer.Write<double>(CentreBlock, Centre, Centre.Length);
    }

    /// <exception cref="FormatException">The blocks are missing or describe no network.</exception>
    public static EmbeddingSpace Read(ModelReader reader)
    {
        LayeredArchitecture architecture = LayeredArchitecture.Read(reader);
        NetworkWeights weights = NetworkWeights.Read(reader, architecture, "embedding.");
        double[]? centre = reader.Has(CentreBlock) ? reader.Read<double>(CentreBlock, architecture.InputSize) : null;
        return centre is null || centre.All(double.IsFinite)
            ? new EmbeddingSpace(architecture, weights, centre)
            : throw new FormatException($"Block '{CentreBlock}' must be finite.");
    }
}
