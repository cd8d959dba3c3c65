namespace MLNet.Papers.Networks;

/// <summary>The scoring form of <see cref="ConvolutionModule"/> on a CPU: images are embedded one by one by fused blocks, those of a batch in
/// parallel.</summary>
internal sealed class ConvolutionScorer(EmbeddingArchitecture architecture, NetworkWeights weights) : EmbeddingScorer(architecture)
{
    private const int FewestInParallel = 4;

    private readonly FusedBlocks _blocks = Fuse(architecture, weights);

    public override void Embed(float[] rows, int count, float[] embeddings)
    {
        if (count < FewestInParallel)
        {
            for (int image = 0; image < count; image++)
                EmbedImage(image);
        }
        else
        {
            Parallel.For(0, count, EmbedImage);
        }

        void EmbedImage(int image) => _blocks.Embed(rows.AsSpan(image * InputSize, InputSize), embeddings.AsSpan(image * OutputSize, OutputSize));
    }

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
