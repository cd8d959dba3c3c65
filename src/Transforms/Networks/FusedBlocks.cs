using System.Collections.Concurrent;

namespace MLNet.Papers.Networks;

/// <summary>Fused blocks one after the other, from images to their embeddings.</summary>
internal sealed class FusedBlocks
{
    private const int FewestInParallel = 4;

    // Larger buffers are not kept from one image to the next: the generations of a model would hold as many of them.
    private const long MostKept = 1 << 24;

    private readonly ImageShape _shape;
    private readonly FusedConvolution[] _blocks;
    private readonly int _filters;
    private readonly float[] _coordinates;
    private readonly int _firstChannels;
    private readonly ConcurrentBag<float[][]> _buffers = [];

    /// <param name="shape">The image.</param>
    /// <param name="coordinates">Channels that are put after those of the image, (channels, H, W); may be empty.</param>
    /// <param name="blocks">The convolutions: weights (F, C, 3, 3), C with the coordinates, and F biases.</param>
    public FusedBlocks(ImageShape shape, float[] coordinates, IReadOnlyList<(float[] Weights, float[] Biases)> blocks)
    {
        (_shape, _coordinates) = (shape, coordinates);
        _firstChannels = shape.Channels + (coordinates.Length / (shape.Height * shape.Width));
        _filters = blocks[^1].Biases.Length;
        _blocks = new FusedConvolution[blocks.Count];
        (int height, int width, int channels, int stride) = (shape.Height, shape.Width, _firstChannels, _firstChannels);
        for (int block = 0; block < _blocks.Length; block++)
        {
            _blocks[block] = new FusedConvolution(height, width, channels, stride, blocks[block].Weights, blocks[block].Biases);
            (height, width, channels, stride) =
                (_blocks[block].OutputHeight, _blocks[block].OutputWidth, blocks[block].Biases.Length, _blocks[block].FilterStride);
        }
    }

    /// <summary>Values that are needed while an image is computed, with borders and padding.</summary>
    /// <param name="shape">The image.</param>
    /// <param name="coordinates">Channels that are put after those of the image.</param>
    /// <param name="filters">Filters of each block.</param>
    public static long WorkingValues(ImageShape shape, int coordinates, IEnumerable<int> filters)
    {
        (int channels, int height, int width) = shape;
        channels += coordinates;
        long values = ((height + 2L) * (width + 2L) * channels) + ((long)coordinates * height * width);
        foreach (int count in filters)
        {
            (height, width) = (height / 2, width / 2);
            values += FusedConvolution.OutputValues(height, width, count) + FusedConvolution.PaddingValues(channels, count);
            channels = count;
        }

        return values;
    }

    /// <summary>Computes the embeddings of the first images, each (F, H', W'); those of a batch in parallel.</summary>
    public void Embed(float[] images, int count, float[] embeddings)
    {
        int inputSize = _shape.Size, outputSize = checked(_filters * _blocks[^1].OutputHeight * _blocks[^1].OutputWidth);
        BatchParts.Run(count, count >= FewestInParallel, (Blocks: this, images, inputSize, embeddings, outputSize), static (batch, image) => batch.Blocks.Embed(
            batch.images.AsSpan(image * batch.inputSize, batch.inputSize), batch.embeddings.AsSpan(image * batch.outputSize, batch.outputSize)));
    }

    private void Embed(ReadOnlySpan<float> image, Span<float> embedding)
    {
        float[][] buffers = _buffers.TryTake(out float[][]? free) ? free : CreateBuffers();
        CopyChannels(image, buffers[0], first: 0, _shape.Channels);
        for (int block = 0; block < _blocks.Length; block++)
            _blocks[block].Run(buffers[block], buffers[block + 1]);
        CopyEmbedding(buffers[^1], embedding);
        if (buffers.Sum(buffer => (long)buffer.Length) <= MostKept)
            _buffers.Add(buffers);
    }

    // The coordinates are the same for all images: they are put after the channels once.
    private float[][] CreateBuffers()
    {
        float[] input = new float[checked((_shape.Height + 2) * (_shape.Width + 2) * _firstChannels)];
        CopyChannels(_coordinates, input, first: _shape.Channels, count: _firstChannels - _shape.Channels);
        return [input, .. _blocks.Select(block => new float[block.OutputSize])];
    }

    // (C, H, W) to (H + 2, W + 2, all channels), from a channel of the target on.
    private void CopyChannels(ReadOnlySpan<float> image, Span<float> target, int first, int count)
    {
        (_, int height, int width) = _shape;
        for (int channel = 0; channel < count; channel++)
        {
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<float> source = image.Slice(((channel * height) + y) * width, width);
                Span<float> row = target[(((((y + 1) * (width + 2)) + 1) * _firstChannels) + first + channel)..];
                if (_firstChannels == 1)
                {
                    source.CopyTo(row);
                    continue;
                }

                for (int x = 0; x < source.Length; x++)
                    row[x * _firstChannels] = source[x];
            }
        }
    }

    // (H + 2, W + 2, filter stride) to (F, H, W), the order of the flattened tensor.
    private void CopyEmbedding(ReadOnlySpan<float> source, Span<float> embedding)
    {
        FusedConvolution last = _blocks[^1];
        int height = last.OutputHeight, width = last.OutputWidth, stride = last.FilterStride;
        for (int filter = 0; filter < _filters; filter++)
        {
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<float> row = source[(((((y + 1) * (width + 2)) + 1) * stride) + filter)..];
                Span<float> target = embedding.Slice(((filter * height) + y) * width, width);
                for (int x = 0; x < target.Length; x++)
                    target[x] = row[x * stride];
            }
        }
    }
}
