using System.Numerics.Tensors;
using MLNet.Papers.Networks;

namespace MLNet.Papers.CoordConv;

/// <summary>The image featurizer in the form that scores: the scoring form of its convolution, and the rest in one pass over each image.</summary>
internal sealed class FeaturizerScorer : EmbeddingScorer
{
    private readonly EmbeddingScorer _convolution;
    private readonly FusedDense _hidden;
    private readonly int _filters;
    private readonly int _mapsSize;

    public FeaturizerScorer(FeaturizerArchitecture architecture, NetworkWeights weights, TorchDevice device)
        : base(architecture)
    {
        _filters = architecture.Convolution.Filters;
        _mapsSize = architecture.Convolution.OutputSize;
        _convolution = Create(architecture.Convolution, weights.Under(FeaturizerArchitecture.ConvolutionPrefix), device);
        _hidden = new FusedDense(weights["hidden.weight"], weights["hidden.bias"], rectify: true);
    }

    public override void Embed(float[] rows, int count, float[] embeddings)
    {
        float[] maps = new float[count * _mapsSize], pooled = new float[count * 2 * _filters], hidden = new float[count * _hidden.OutputStride];
        _convolution.Embed(rows, count, maps);
        int pixels = _mapsSize / _filters;
        for (int row = 0; row < count; row++)
        {
            for (int filter = 0; filter < _filters; filter++)
            {
                ReadOnlySpan<float> map = maps.AsSpan((row * _mapsSize) + (filter * pixels), pixels);
                pooled[(row * 2 * _filters) + filter] = TensorPrimitives.Sum(map) / pixels;
                pooled[(row * 2 * _filters) + _filters + filter] = TensorPrimitives.Max(map);
            }
        }

        _hidden.Run(pooled, 2 * _filters, count, hidden);
        for (int row = 0; row < count; row++)
            hidden.AsSpan(row * _hidden.OutputStride, OutputSize).CopyTo(embeddings.AsSpan(row * OutputSize));
    }

    public override bool IsNative => _convolution.IsNative;

    public override void Dispose() => _convolution.Dispose();
}
