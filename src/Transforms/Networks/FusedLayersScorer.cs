namespace MLNet.Papers.Networks;

/// <summary>The scoring form on a CPU of layers that fused kernels fit: blocks of convolution 3 × 3, maximum and rectifier, if any, and then linear layers
/// with rectifiers between them.</summary>
internal sealed class FusedLayersScorer : EmbeddingScorer
{
    private readonly FusedBlocks? _blocks;
    private readonly FusedPerceptron _dense;
    private readonly int _embeddingSize;

    private FusedLayersScorer(LayeredArchitecture architecture, FusedBlocks? blocks, int embeddingSize, FusedPerceptron dense)
        : base(architecture) => (_blocks, _embeddingSize, _dense) = (blocks, embeddingSize, dense);

    /// <summary>Fuses a network; null if it has other layers.</summary>
    public static FusedLayersScorer? TryCreate(LayeredArchitecture architecture, NetworkWeights weights)
    {
        Layer[] layers = architecture.Layers;
        ImageShape shape = architecture.Input;
        var blocks = new List<FoldedBlock>();
        float[] coordinates = [];
        int at = 0;
        while (at < layers.Length && layers[at] is { Kind: LayerKind.Convolution, KernelSize: ConvolutionModule.KernelSize, Stride: 1 } convolution)
        {
            int norm = at + 1;
            bool isNormalized = norm < layers.Length && layers[norm] is { Kind: LayerKind.Normalization, Normalization: Normalization.Batch };
            int next = isNormalized ? norm + 1 : norm;
            if (next + 1 >= layers.Length || layers[next].Kind != LayerKind.Maximum || layers[next + 1].Kind != LayerKind.Rectifier
                || (convolution.Coordinates && at > 0))
            {
                return null;
            }

            if (convolution.Coordinates)
                coordinates = CoordinateChannels.Of(shape.Height, shape.Width, convolution.WithRadius);
            blocks.Add(FoldedBlock.Of(weights, $"layers.{at}", isNormalized ? $"layers.{norm}" : null));
            at = next + 2;
        }

        int embeddingSize = at == 0 ? architecture.InputSize : layers[..at].Aggregate(shape, (input, layer) => layer.Apply(input)).Size;
        var dense = new List<(float[], float[])>();
        for (; at < layers.Length && layers[at].Kind == LayerKind.Dense; at += 2)
        {
            dense.Add((weights[$"layers.{at}.weight"], weights[$"layers.{at}.bias"]));
            if (at == layers.Length - 1)
            {
                FusedBlocks? fused = blocks.Count == 0 ? null : new FusedBlocks(shape, coordinates, blocks);
                return new FusedLayersScorer(architecture, fused, embeddingSize, new FusedPerceptron(embeddingSize, dense));
            }

            if (layers[at + 1].Kind != LayerKind.Rectifier)
                return null;
        }

        return null;
    }

    public override void Embed(float[] rows, int count, float[] embeddings)
    {
        if (_blocks is null)
        {
            _dense.Run(rows, count, embeddings);
            return;
        }

        float[] images = System.Buffers.ArrayPool<float>.Shared.Rent(count * _embeddingSize);
        _blocks.Embed(rows, count, images);
        _dense.Run(images, count, embeddings);
        System.Buffers.ArrayPool<float>.Shared.Return(images);
    }

    /// <summary>Nothing here is native.</summary>
    public override void Dispose()
    {
    }
}
