using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>An embedding network in the form that scores: no gradients, no training state, safe to share between threads.</summary>
internal abstract class EmbeddingScorer : IDisposable
{
    /// <summary>Makes the scoring form of a network.</summary>
    public static EmbeddingScorer Create(EmbeddingArchitecture architecture, NetworkWeights weights, Device device) =>
        architecture.ImageShape is null ? new PerceptronScorer(architecture, weights, device) : new ConvolutionScorer(architecture, weights, device);

    /// <summary>Embeds the first <paramref name="count"/> rows of a batch.</summary>
    /// <param name="rows">At least count × D values, row by row.</param>
    /// <param name="count">The number of rows; at least 1.</param>
    /// <param name="embeddings">At least count × M values, row by row.</param>
    public void Embed(float[] rows, int count, Span<float> embeddings)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable inference = inference_mode();
        Tensor output = Forward(frombuffer(rows, ScalarType.Float32, (long)count * InputSize).view(count, InputSize).to(Device)).cpu().contiguous();
        output.data<float>().CopyTo(embeddings[..(count * OutputSize)]);
    }

    /// <summary>Embeds one row on the calling thread.</summary>
    /// <param name="row">D values; an array so that it can be handed to torch without a copy.</param>
    /// <param name="embedding">M values.</param>
    public virtual void EmbedRow(float[] row, Span<float> embedding) => Embed(row, 1, embedding);

    public abstract void Dispose();

    private protected EmbeddingScorer(EmbeddingArchitecture architecture, Device device)
    {
        InputSize = architecture.InputSize;
        OutputSize = architecture.OutputSize;
        Device = device;
    }

    private protected int InputSize { get; }

    private protected int OutputSize { get; }

    private protected Device Device { get; }

    private protected abstract Tensor Forward(Tensor rows);
}
