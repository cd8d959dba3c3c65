using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Anomalies;
using MLNet.Papers.Codes;
using MLNet.Papers.Columns;
using MLNet.Papers.FlowAutoencoder;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<FlowAutoencoderAnomalyTransformer>("FlowAutoencoderAnomaly")]

namespace MLNet.Papers;

/// <summary>Says how strange a row is: how unlikely to a variational autoencoder with a flow.</summary>
/// <remarks>
/// <para><b>Source.</b> Rezende and Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, arXiv:1505.05770.</para>
/// <para><b>Score.</b> The bound on -ln p of the row in nats, as <see cref="FlowAutoencoderTransformer"/> computes it.</para>
/// </remarks>
/// <inheritdoc/>
public sealed class FlowAutoencoderAnomalyTransformer : AnomalyTransformer, ISavedTransformer<FlowAutoencoderAnomalyTransformer>,
    IPredictionModel<FlowAutoencoderAnomalyTransformer>
{
    private readonly State _state;
    private readonly FlowCodes _codes;
    private readonly LazyScorer<EmbeddingScorer> _encoder;
    private readonly LazyScorer<EmbeddingScorer> _decoder;

    internal FlowAutoencoderAnomalyTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Scores)
    {
        (_state, _codes) = (state, new FlowCodes(state.Flow));
        _encoder = new(() => state.Model.CreateEncoder(TorchDevice.Of(environment)));
        _decoder = new(() => state.Model.CreateDecoder(TorchDevice.Of(environment)));
        BatchSize = state.Model.BatchSize;
    }

    /// <inheritdoc/>
    public override string FeatureColumnName => _state.FeatureColumnName;

    /// <summary>How many numbers the networks were trained to have, from rows to codes and back.</summary>
    public long ParameterCount => _state.Model.ParameterCount;

    /// <summary>How much codes say of the rows that were learned from.</summary>
    public FlowAutoencoderHealth Health => _state.Flow.Health;

    internal override DataViewType FeatureColumnType => new VectorDataViewType(NumberDataViewType.Single, _state.Model.Layout.Size);

    private protected override IEnumerable<InputColumn> Inputs => [_state.Model.Layout.Column(FeatureColumnName)];

    private protected override IModelRecord SavedState => _state;

    private protected override AnomalyTransformer With(AnomalyScores scores) =>
        new FlowAutoencoderAnomalyTransformer(Environment, _state with { Scores = scores });

    private protected override ScoringSession CreateSession(
        DataViewRow input, int capacity, IReadOnlyList<OutputBuffer?> outputs, Action<float, int> write) => new AutoencoderSession(
        _state.Model.Layout.Column(FeatureColumnName).CreateReader(input), _state.Model, _codes, _encoder.Value, decoder: null, capacity,
        _codes.CreateBatch(capacity), outputs, (_, _, _) => { }, new FlowBounds(_state.Model, _state.Flow, _decoder.Value, capacity),
        (bound, slot) => write(-bound, slot));

    private protected override (OnnxValue Score, OnnxValue Missing) ScoreInOnnx(OnnxGraph graph)
    {
        (OnnxValue prepared, OnnxValue missing) = _state.Model.Layout.InputIn(graph, FeatureColumnName);
        OnnxValue encoded = _state.Model.Encoder.ToOnnx(graph, prepared, _state.Model.EncoderWeights);
        return (graph.Multiply(FlowBounds.ToOnnx(graph, _state.Model, _state.Flow, encoded, prepared), graph.Number(-1)), missing);
    }

    private protected override IEnumerable<ILazyScorer> Scorers => [_encoder, _decoder];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(string FeatureColumnName, AutoencoderModel Model, FlowModel Flow, AnomalyScores Scores) : IModelRecord
    {
        public string? FindFault() => Model.FindFault(new FlowCodes(Flow));
    }
}
