using System.Collections.Concurrent;

namespace MLNet.Papers.Networks;

/// <summary>The scoring form of <see cref="ConvolutionModule"/> on a CPU: images are embedded one by one by fused blocks, those of a batch in parallel.</summary>
internal sealed class ConvolutionScorer : EmbeddingScorer
{
    private const int FewestInParallel = 4;

    private readonly ImageShape _shape;
    private readonly FusedConvolution[] _blocks;
    private readonly int _filters;
    private readonly float[] _coordinates;
    private readonly int _firstChannels;
    private readonly ConcurrentBag<float[][]> _buffers = [];

    public ConvolutionScorer(EmbeddingArchitecture architecture, NetworkWeights weights)
        : base(architecture)
    {
        _shape = architecture.ImageShape!.Value;
        _filters = architecture.Filters;
        _coordinates = architecture.Coordinates ? CoordinateChannels.Of(_shape.Height, _shape.Width) : [];
        _firstChannels = _shape.Channels + (_coordinates.Length / (_shape.Height * _shape.Width));
        _blocks = new FusedConvolution[architecture.Blocks];
        (int height, int width, int channels, int stride) = (_shape.Height, _shape.Width, _firstChannels, _firstChannels);
        for (int block = 0; block < _blocks.Length; block++)
        {
            FoldedBlock folded = FoldedBlock.Of(architecture, weights, block);
            _blocks[block] = new FusedConvolution(height, width, channels, stride, folded.Weights, folded.Biases);
            (height, width, channels, stride) = (_blocks[block].OutputHeight, _blocks[block].OutputWidth, _filters, _blocks[block].FilterStride);
        }
    }

    public override void Embed(float[] rows, int count, float[] embeddings)
    {
        if (count < FewestInParallel)
        {
            for (int image = 0; image < count; image++)
                EmbedImage(rows, image, embeddings);
        }
        else
        {
            Parallel.For(0, count, image => EmbedImage(rows, image, embeddings));
        }
    }

    /// <summary>Nothing here is native.</summary>
    public override void Dispose()
    {
    }

    private void EmbedImage(float[] rows, int image, float[] embeddings)
    {
        float[][] buffers = _buffers.TryTake(out float[][]? free) ? free : CreateBuffers();
        CopyImage(rows.AsSpan(image * InputSize, InputSize), buffers[0]);
        for (int block = 0; block < _blocks.Length; block++)
            _blocks[block].Run(buffers[block], buffers[block + 1]);
        CopyEmbedding(buffers[^1], embeddings.AsSpan(image * OutputSize, OutputSize));
        _buffers.Add(buffers);
    }

    // The coordinates are the same for all images: they are put after the channels once.
    private float[][] CreateBuffers()
    {
        float[] input = new float[(_shape.Height + 2) * (_shape.Width + 2) * _firstChannels];
        CopyChannels(_coordinates, input, first: _shape.Channels, count: _firstChannels - _shape.Channels);
        return [input, .. _blocks.Select(block => new float[block.OutputSize])];
    }

    private void CopyImage(ReadOnlySpan<float> image, Span<float> target) => CopyChannels(image, target, first: 0, _shape.Channels);

    // (C, H, W) to (H + 2, W + 2, all channels), from a channel of the target on.
    private void CopyChannels(ReadOnlySpan<float> image, Span<float> target, int first, int count)
    {
        (_, int height, int width) = _shape;
        for (int channel = 0; channel < count; channel++)
        {
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    target[((((y + 1) * (width + 2)) + x + 1) * _firstChannels) + first + channel] = image[(((channel * height) + y) * width) + x];
            }
        }
    }

    // (H + 2, W + 2, filter stride) to (F, H, W), the order of the flattened tensor.
    private void CopyEmbedding(ReadOnlySpan<float> source, Span<float> embedding)
    {
        FusedConvolution last = _blocks[^1];
        int height = last.OutputHeight, width = last.OutputWidth;
        for (int filter = 0; filter < _filters; filter++)
        {
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    embedding[(((filter * height) + y) * width) + x] = source[((((y + 1) * (width + 2)) + x + 1) * last.FilterStride) + filter];
            }
        }
    }
}
