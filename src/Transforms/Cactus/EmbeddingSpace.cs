using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Cactus;

/// <summary>The space Z that unlabelled rows were clustered in: a network from rows to embeddings. Principal components are one linear layer.</summary>
/// <param name="Architecture">The network, from D to d values.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Centre">
/// What is subtracted from a row before the network is given it: the mean of the rows that it was fitted to. Null in models that were saved without one.
/// </param>
internal sealed record EmbeddingSpace(
    [Block] LayeredArchitecture Architecture,
    [Block("embedding")] NetworkWeights Weights,
    [Block("embedding.centre"), Dimensions(nameof(EmbeddingSpace.InputSize))] double[]? Centre) : IModelRecord
{
    /// <summary>D.</summary>
    public int InputSize => Architecture.InputSize;

    /// <summary>The embeddings of all rows, row by row.</summary>
    /// <param name="features">The rows.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="check">Called between batches; throws to stop.</param>
    public float[] Embed(float[] features, TorchDevice device, Action? check = null)
    {
        using EmbeddingScorer scorer = EmbeddingScorer.Create(Architecture, Weights, device);
        return BatchedEmbedding.All(Centre is null ? features : Centring.Subtract(features, Centre, check), scorer, Architecture, check);
    }

    string? IModelRecord.FindFault() => Centre is null || Centre.All(double.IsFinite) ? null : "Block 'embedding.centre' must be finite.";
}
