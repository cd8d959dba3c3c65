using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>An embedding network in the form that scores: no gradients, no training state, safe to share between threads.</summary>
internal abstract class EmbeddingScorer(INetworkArchitecture architecture) : IScorer
{
    private const long MostInTorch = 1L << 26;

    private readonly int _rowsInTorch = (int)Math.Clamp(MostInTorch / Math.Max(1, architecture.WorkingValues()), 1, int.MaxValue);

    /// <summary>D, the length of a row.</summary>
    protected int InputSize { get; } = architecture.InputSize;

    /// <summary>M, the length of an embedding.</summary>
    protected int OutputSize { get; } = architecture.OutputSize;

    /// <summary>Makes the scoring form of a network for a device.</summary>
    public static EmbeddingScorer Create(EmbeddingArchitecture architecture, NetworkWeights weights, TorchDevice device) =>
        !device.IsCpu ? ForDevice(architecture, weights, device)
        : architecture.ImageShape is null ? new PerceptronScorer(architecture, weights)
        : architecture.IsFoldable ? new ConvolutionScorer(architecture, weights)
        : ForDevice(architecture, weights, device);

    /// <summary>Makes the scoring form that runs in torch.</summary>
    public static EmbeddingScorer ForDevice(EmbeddingArchitecture architecture, NetworkWeights weights, Device device) =>
        architecture.ImageShape is null ? new DevicePerceptronScorer(architecture, weights, device)
        : architecture.IsFoldable && !architecture.Coordinates ? new DeviceConvolutionScorer(architecture, weights, device)
        : new ModuleScorer(architecture, () => EmbeddingModule.Create(architecture), weights, device);

    /// <summary>Makes the scoring form of a network for a device.</summary>
    public static EmbeddingScorer Create(LayeredArchitecture architecture, NetworkWeights weights, TorchDevice device) =>
        device.IsCpu && FusedLayersScorer.TryCreate(architecture, weights) is { } fused
            ? fused
            : new ModuleScorer(architecture, () => new LayeredModule(architecture), weights, device);

    /// <summary>Embeds the first <paramref name="count"/> rows of a batch.</summary>
    /// <param name="rows">At least count × D values, row by row.</param>
    /// <param name="count">The number of rows; at least 1.</param>
    /// <param name="embeddings">At least count × M values, row by row.</param>
    public abstract void Embed(float[] rows, int count, float[] embeddings);

    /// <inheritdoc/>
    public virtual bool IsNative => false;

    public abstract void Dispose();

    /// <summary>Embeds rows by a function of tensors, (B, D) to (B, M); as many at a time as memory is for, since torch keeps all layers of all of them.</summary>
    protected void EmbedByTorch(float[] rows, int count, float[] embeddings, Device device, Func<Tensor, Tensor> forward)
    {
        for (int first = 0; first < count; first += _rowsInTorch)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable inference = inference_mode();
            int part = Math.Min(_rowsInTorch, count - first);
            // Managed arrays begin at any address, and matrix kernels round differently for different alignments: torch's own memory always gives the same sums.
            Tensor batch = frombuffer(rows, ScalarType.Float32, (long)count * InputSize).view(count, InputSize).narrow(0, first, part).clone();
            Tensor output = forward(batch.to(device)).cpu().contiguous();
            output.data<float>().CopyTo(embeddings.AsSpan(checked(first * OutputSize), checked(part * OutputSize)));
        }
    }
}
