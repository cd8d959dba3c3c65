using Microsoft.ML.Runtime;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.FewShot;

/// <summary>A trained network without classes: gives features, and becomes a classifier once there are examples of classes.</summary>
internal abstract record FewShotNetwork : IModelRecord
{
    /// <summary>The part that gives features.</summary>
    public abstract INetworkArchitecture Features { get; }

    /// <summary>Its scoring form.</summary>
    public abstract EmbeddingScorer CreateScorer(TorchDevice device);

    /// <summary>Adds that part to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="rows">The input, (B, D).</param>
    /// <returns>The features, (B, M).</returns>
    public abstract OnnxValue ToOnnx(OnnxGraph graph, OnnxValue rows);

    /// <summary>The classifier of labelled rows.</summary>
    /// <param name="environment">Where it lives.</param>
    /// <param name="rows">The rows, of at least two classes.</param>
    /// <param name="featureColumn">The column that it classifies.</param>
    /// <param name="labelColumn">The column that named the classes.</param>
    public abstract FewShotTransformer WithSupport(IHostEnvironment environment, LabelledRows rows, string featureColumn, string labelColumn);

    /// <inheritdoc cref="IModelRecord.FindFault"/>
    public abstract string? FindFault();
}
