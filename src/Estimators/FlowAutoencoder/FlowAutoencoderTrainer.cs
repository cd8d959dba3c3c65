using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Anomalies;
using MLNet.Papers.Codes;
using MLNet.Papers.FlowAutoencoder;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Learns to tell strange rows, without labels: those that a variational autoencoder with a flow finds unlikely.</summary>
/// <remarks>
/// <para><b>Source.</b> Rezende and Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, arXiv:1505.05770. That its bound tells strange rows is
/// not in the paper.</para>
/// <para><b>Input.</b> As <see cref="FlowAutoencoderEstimator"/> reads it. A few strange rows among those to learn from do no harm.</para>
/// <para><b>Output.</b> Score, PredictedLabel and Percentile: see <see cref="AnomalyTransformer"/>.</para>
/// <para><b>Fit.</b> Reads the rows once, and scores all of them in the end: Score of a row that was learned from tends to be lower than that of a new
/// one.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows, or all are the same; a number is not finite, or not from 0 to 1 with <see cref="Likelihood.Bernoulli"/>; a picture is missing;
/// the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class FlowAutoencoderTrainer : AutoencoderEstimator<FlowAutoencoderAnomalyTransformer, FlowAutoencoderAnomalyOptions>
{
    internal FlowAutoencoderTrainer(IHostEnvironment environment, string featureColumnName, FlowAutoencoderAnomalyOptions? options)
        : base(environment, Named(featureColumnName), options)
    {
    }

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => AnomalyColumns.Create(null);

    private protected override TechniqueEstimator<FlowAutoencoderAnomalyTransformer> With(FlowAutoencoderAnomalyOptions options) =>
        new FlowAutoencoderTrainer(Environment, Rows.Name, options);

    private protected override FlowAutoencoderAnomalyTransformer Learn(AutoencoderRows rows, IChannel channel)
    {
        var training = new FlowTraining(Environment, Options, rows, channel);
        (AutoencoderModel model, FlowModel flow) = training.Run();
        float[] scores = Array.ConvertAll(training.Bounds(model, flow), bound => -bound);
        return new(Environment, new(Rows.Name, model, flow, AnomalyScores.Of(scores, Options.Contamination)));
    }
}
