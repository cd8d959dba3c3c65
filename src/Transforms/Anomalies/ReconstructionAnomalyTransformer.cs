using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Anomalies;
using MLNet.Papers.Codes;
using MLNet.Papers.Columns;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>The base of the detectors of anomalies whose score is how little of a row its codes can say.</summary>
/// <remarks>
/// <para><b>Score.</b> The reconstruction error of <see cref="AutoencoderTransformer"/>.</para>
/// </remarks>
/// <inheritdoc/>
public abstract class ReconstructionAnomalyTransformer : AnomalyTransformer
{
    private readonly AutoencoderModel _model;
    private readonly ReconstructionErrors _errors;

    private protected ReconstructionAnomalyTransformer(
        IHostEnvironment environment, string featureColumnName, AutoencoderModel model, ICodes codes, AnomalyScores scores)
        : base(environment, scores)
    {
        (FeatureColumnName, _model, _errors) = (featureColumnName, model, new(environment, featureColumnName, model, codes));
        BatchSize = model.BatchSize;
    }

    /// <inheritdoc/>
    public sealed override string FeatureColumnName { get; }

    /// <summary>How many numbers the networks were trained to have, from rows to codes and back.</summary>
    public long ParameterCount => _model.ParameterCount;

    internal sealed override DataViewType FeatureColumnType => new VectorDataViewType(NumberDataViewType.Single, _model.Layout.Size);

    private protected sealed override IEnumerable<InputColumn> Inputs => [_errors.Column];

    private protected sealed override ScoringSession CreateSession(
        DataViewRow input, int capacity, IReadOnlyList<OutputBuffer?> outputs, Action<float, int> write) =>
        _errors.CreateSession(input, capacity, outputs, write);

    private protected sealed override (OnnxValue Score, OnnxValue Missing) ScoreInOnnx(OnnxGraph graph) => _errors.ToOnnx(graph);

    private protected sealed override IEnumerable<ILazyScorer> Scorers => [_errors];
}
