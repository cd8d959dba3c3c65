using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers;
using MLNet.Papers.Anomalies;
using MLNet.Papers.Codes;
using MLNet.Papers.Columns;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;

[assembly: LoadableModel<VectorQuantizedAutoencoderAnomalyTransformer>("VectorQuantizedAutoencoderAnomaly")]

namespace MLNet.Papers;

/// <summary>Says how strange a row is: how little of it the codes of a learned codebook can say.</summary>
/// <remarks>
/// <para><b>Source.</b> Van den Oord, Vinyals and Kavukcuoglu, "Neural Discrete Representation Learning", NIPS 2017, arXiv:1711.00937.</para>
/// <para><b>Score.</b> The reconstruction error of <see cref="AutoencoderTransformer"/>.</para>
/// </remarks>
/// <inheritdoc/>
public sealed class VectorQuantizedAutoencoderAnomalyTransformer : AnomalyTransformer, ISavedTransformer<VectorQuantizedAutoencoderAnomalyTransformer>,
    IPredictionModel<VectorQuantizedAutoencoderAnomalyTransformer>
{
    private readonly State _state;
    private readonly ReconstructionErrors _errors;

    internal VectorQuantizedAutoencoderAnomalyTransformer(IHostEnvironment environment, State state)
        : base(environment, state.Scores)
    {
        (_state, _errors) = (state, new(environment, state.FeatureColumnName, state.Model, new KeyCodes(state.Codebook, withVectors: false)));
        BatchSize = state.Model.BatchSize;
    }

    /// <inheritdoc/>
    public override string FeatureColumnName => _state.FeatureColumnName;

    /// <summary>How many numbers the networks were trained to have, from rows to codes and back.</summary>
    public long ParameterCount => _state.Model.ParameterCount;

    /// <summary>How much of the codebook the rows use that were learned from.</summary>
    public CodebookHealth Health => _state.Codebook.Health;

    internal override DataViewType FeatureColumnType => new VectorDataViewType(NumberDataViewType.Single, _state.Model.Layout.Size);

    private protected override IEnumerable<InputColumn> Inputs => [_errors.Column];

    private protected override IModelRecord SavedState => _state;

    private protected override AnomalyTransformer With(AnomalyScores scores) =>
        new VectorQuantizedAutoencoderAnomalyTransformer(Environment, _state with { Scores = scores });

    private protected override ScoringSession CreateSession(
        DataViewRow input, int capacity, IReadOnlyList<OutputBuffer?> outputs, Action<float, int> write) =>
        _errors.CreateSession(input, capacity, outputs, write);

    private protected override (OnnxValue Score, OnnxValue Missing) ScoreInOnnx(OnnxGraph graph) => _errors.ToOnnx(graph);

    private protected override IEnumerable<ILazyScorer> Scorers => [_errors];

    /// <summary>All that the transformer is made of; saved as it stands here.</summary>
    internal sealed record State(string FeatureColumnName, AutoencoderModel Model, Codebook Codebook, AnomalyScores Scores) : IModelRecord
    {
        public string? FindFault() => Model.FindFault(new KeyCodes(Codebook, withVectors: false));
    }
}
