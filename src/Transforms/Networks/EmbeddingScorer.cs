namespace MLNet.Papers.Networks;

/// <summary>A network in the form that scores: no gradients, no training state, safe to share between threads.</summary>
internal abstract class EmbeddingScorer(INetworkArchitecture architecture) : IScorer
{
    /// <summary>D, the length of a row.</summary>
    protected int InputSize { get; } = architecture.InputSize;

    /// <summary>M, the length of an embedding.</summary>
    protected int OutputSize { get; } = architecture.OutputSize;

    /// <summary>Makes the scoring form of a network for a device.</summary>
    public static EmbeddingScorer Create(LayeredNetwork network, NetworkWeights weights, TorchDevice device) =>
        device.IsCpu ? new FusedScorer(network, network.Plan(weights).Build()) : new TorchScorer(network, weights, device);

    /// <summary>Embeds the first <paramref name="count"/> rows of a batch.</summary>
    /// <param name="rows">At least count × D values, row by row.</param>
    /// <param name="count">The number of rows; at least 1.</param>
    /// <param name="embeddings">At least count × M values, row by row.</param>
    public abstract void Embed(float[] rows, int count, float[] embeddings);

    /// <inheritdoc/>
    public virtual bool IsNative => false;

    public abstract void Dispose();
}
