namespace MLNet.Papers.Networks;

/// <summary>The scoring form of <see cref="ConvolutionModule"/> on a CPU: images are embedded by fused blocks.</summary>
internal sealed class ConvolutionScorer(EmbeddingArchitecture architecture, NetworkWeights weights) : EmbeddingScorer(architecture)
{
    private readonly FusedBlocks _blocks = Fuse(architecture, weights);

    public override void Embed(float[] rows, int count, float[] embeddings) => _blocks.Embed(rows, count, embeddings);

    /// <summary>Nothing here is native.</summary>
    public override void Dispose()
    {
    }

    private static FusedBlocks Fuse(EmbeddingArchitecture architecture, NetworkWeights weights)
    {
        ImageShape shape = architecture.ImageShape!.Value;
        float[] coordinates = architecture.Coordinates ? CoordinateChannels.Of(shape.Height, shape.Width) : [];
        return new FusedBlocks(shape, coordinates, [.. Enumerable.Range(0, architecture.Blocks).Select(block => FoldedBlock.Of(architecture, weights, block))]);
    }
}
