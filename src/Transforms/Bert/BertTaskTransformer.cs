using Microsoft.ML.Runtime;
using MLNet.Papers.Bert;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Texts;

namespace MLNet.Papers;

/// <summary>The base of the transformers that were fine-tuned for a task: an encoder of their own, and a linear layer over it.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, section 3.2.</para>
/// <para><b>Cost.</b> That of <see cref="BertTransformer"/>. The values do not depend on what else is scored.</para>
/// </remarks>
public abstract class BertTaskTransformer : ExportableTransformer
{
    private readonly LazyScorer<BertScorer> _scorer;

    private protected BertTaskTransformer(IHostEnvironment environment, BertModel model)
        : base(environment)
    {
        Model = model;
        BatchSize = BertSession.BatchSize(model.Architecture.HiddenSize);
        _scorer = new(() => BertScorer.Create(model.Architecture, model.Weights, TorchDevice.Of(environment)));
    }

    /// <summary>How many blocks the encoder has.</summary>
    public int LayerCount => Model.Architecture.Layers;

    /// <summary>The most pieces of a text that are read, with its marks.</summary>
    public int MaxLength => Model.MaxLength;

    /// <summary>How many numbers the encoder was trained to have.</summary>
    public long ParameterCount => Model.Architecture.ParameterCount;

    internal sealed override bool ScoresInBatches => true;

    /// <summary>The encoder.</summary>
    internal BertModel Model { get; }

    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    private protected BertScorer Scorer => _scorer.Value;

    private protected sealed override IEnumerable<ILazyScorer> Scorers => [_scorer];

    /// <summary>Adds the encoder to a graph, and the input that says how many pieces each text has.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="column">The column whose name with "Lengths" behind it is that of the input.</param>
    /// <param name="pieces">Numbers of pieces, Int64 (B, T).</param>
    /// <param name="segments">Numbers of segments, Int64 (B, T); null where there is one.</param>
    private protected EncoderInOnnx AddEncoder(OnnxGraph graph, string column, OnnxValue pieces, OnnxValue? segments)
    {
        OnnxValue lengths = TokenVectorColumns.LengthsInOnnx(graph, column);
        WeightOf<OnnxValue> weight = graph.Weights(Model.Architecture.Weights(), Model.Weights).Invoke;
        return new(Model.Architecture.ToOnnx(graph, pieces, segments, lengths, weight)[^1], lengths, weight);
    }

    /// <summary>The encoder in a graph.</summary>
    /// <param name="Top">The top layer, (B, T, H).</param>
    /// <param name="Lengths">How many pieces each text has, Int64 (B).</param>
    /// <param name="Weight">The weights.</param>
    private protected sealed record EncoderInOnnx(OnnxValue Top, OnnxValue Lengths, WeightOf<OnnxValue> Weight);
}
