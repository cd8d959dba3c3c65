namespace MLNet.Papers.Networks;

/// <summary>The scoring form of a network on a CPU: fused kernels, nothing of which is native.</summary>
internal sealed class FusedScorer(LayeredNetwork network, RowsKernel kernel) : EmbeddingScorer(network)
{
    public override void Embed(float[] rows, int count, float[] embeddings) => kernel(rows, count, embeddings);

    public override void Dispose()
    {
    }
}
