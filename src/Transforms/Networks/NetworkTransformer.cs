using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>The base of the transformers that score rows with a trained network, on the CPU or on the GPU that <c>mlContext.GpuDeviceId</c> names.</summary>
public abstract class NetworkTransformer : ExportableTransformer, IFeatureReader
{
    private readonly LazyScorer<EmbeddingScorer> _scorer;

    /// <param name="environment">Where the transformer lives.</param>
    /// <param name="architecture">The network.</param>
    /// <param name="createScorer">Makes its scoring form for a device; called when the first row is scored.</param>
    private protected NetworkTransformer(IHostEnvironment environment, INetworkArchitecture architecture, Func<TorchDevice, EmbeddingScorer> createScorer)
        : base(environment)
    {
        Network = architecture;
        _scorer = new(() => createScorer(TorchDevice.Of(environment)));
        BatchSize = architecture.BatchSize;
    }

    /// <summary>The network that scores.</summary>
    internal INetworkArchitecture Network { get; }

    /// <summary>How many numbers the network was trained to have, normalization statistics not counted.</summary>
    public long ParameterCount => Network.ParameterCount;

    string IFeatureReader.FeatureColumnName => InputColumnNames.Single();

    DataViewType IFeatureReader.FeatureColumnType => new VectorDataViewType(NumberDataViewType.Single, Network.InputSize);

    internal sealed override bool ScoresInBatches => true;

    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    private protected EmbeddingScorer Scorer => _scorer.Value;

    /// <summary>What a cursor needs whose columns depend on one column through the network alone.</summary>
    /// <param name="reader">Reads the column.</param>
    /// <param name="capacity">The most rows in a batch.</param>
    /// <param name="outputs">A buffer for each output column; null where it is not active.</param>
    /// <param name="write">Fills them.</param>
    private protected ScoringSession CreateSession(RowReader reader, int capacity, IReadOnlyList<OutputBuffer?> outputs, RowWriter write) =>
        new NetworkSession(reader, Scorer, Network, capacity, outputs, write);

    /// <summary>The same where the scorer gives class probabilities: with the columns of <see cref="MulticlassColumns"/>.</summary>
    private protected ScoringSession CreateClassSession(RowReader reader, int capacity)
    {
        ScalarOutputBuffer<uint> predictedLabel = OutputBuffer.Scalar<uint>(capacity);
        VectorOutputBuffer<float> score = OutputBuffer.Vector<float>(capacity, Network.OutputSize);
        return CreateSession(reader, capacity, [predictedLabel, score], (probabilities, slot) =>
        {
            predictedLabel[slot] = float.IsNaN(probabilities[0]) ? 0 : (uint)TensorPrimitives.IndexOfMax<float>(probabilities) + 1;
            probabilities.CopyTo(score[slot]);
        });
    }

    internal sealed override void ToOnnx(OnnxGraph graph)
    {
        OnnxDimension[] shape = Network.Image is { } image
            ? [OnnxGraph.Batch, image.Channels, image.Height, image.Width]
            : [OnnxGraph.Batch, Network.InputSize];
        OnnxValue input = graph.Input(InputColumnNames.Single(), OnnxType.Single, shape), rows = Network.Image is null ? input : graph.Flatten(input);
        OnnxValue missing = graph.NotFinite(rows);
        foreach (OnnxColumn column in ToOnnx(graph, rows))
            column.AddTo(graph, missing);
    }

    internal sealed override string? FindOnnxFault(DataViewSchema input)
    {
        if (input[InputColumnNames.Single()] is { Type: not VectorDataViewType } column)
            return $"column '{column.Name}' has pictures, which a graph does not read: ExtractPixels gives vectors of their pixels";
        var graph = new OnnxGraph();
        ToOnnx(graph);
        return OnnxStep.FindFault(graph);
    }

    /// <summary>Adds the network to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="rows">The input, (B, D).</param>
    private protected abstract IEnumerable<OnnxColumn> ToOnnx(OnnxGraph graph, OnnxValue rows);

    /// <summary>The columns of class probabilities, from the logits of networks that are averaged as <see cref="ProbabilityScorer"/> does.</summary>
    private protected OnnxColumn ClassScore(OnnxGraph graph, params IReadOnlyList<OnnxValue> logits)
    {
        OnnxValue sum = logits.Select(graph.Softmax).Aggregate(graph.Add);
        return MulticlassColumns.InOnnx(logits.Count == 1 ? sum : graph.Divide(sum, graph.Number(logits.Count)), Network.OutputSize);
    }

    private protected override IEnumerable<ILazyScorer> Scorers => [_scorer];
}
