using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Anomalies;
using MLNet.Papers.BidirectionalGan;
using MLNet.Papers.Codes;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Learns to tell strange rows, without labels: those that a generator does not make again of their code.</summary>
/// <remarks>
/// <para><b>Source.</b> Donahue, Krähenbühl and Darrell, "Adversarial Feature Learning", ICLR 2017, arXiv:1605.09782. That its
/// reconstruction error tells strange rows is not in the paper.</para>
/// <para><b>Input.</b> As <see cref="BidirectionalGanEstimator"/> reads it. A few strange rows among those to learn from do no harm.</para>
/// <para><b>Output.</b> Score, PredictedLabel and Percentile: see <see cref="AnomalyTransformer"/>.</para>
/// <para><b>Fit.</b> Reads the rows once, and scores all of them in the end: Score of a row that was learned from tends to be lower than that of a new
/// one.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows, or all are the same; a number is not finite, or not from 0 to 1 with <see cref="Likelihood.Bernoulli"/>; a picture is missing;
/// the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class BidirectionalGanTrainer : AutoencoderEstimator<BidirectionalGanAnomalyTransformer, BidirectionalGanAnomalyOptions>
{
    internal BidirectionalGanTrainer(IHostEnvironment environment, string featureColumnName, BidirectionalGanAnomalyOptions? options)
        : base(environment, Named(featureColumnName), options)
    {
    }

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => AnomalyColumns.Create(null);

    private protected override TechniqueEstimator<BidirectionalGanAnomalyTransformer> With(BidirectionalGanAnomalyOptions options) =>
        new BidirectionalGanTrainer(Environment, Rows.Name, options);

    private protected override BidirectionalGanAnomalyTransformer Learn(AutoencoderRows rows, IChannel channel)
    {
        AutoencoderModel model = BidirectionalGanTraining.Run(Environment, Options, rows, channel);
        float[] errors = TrainingErrors.Of(model, new VectorCodes(Options.CodeSize), rows.Rows, TorchDevice.Of(Environment), Check);
        return new(Environment, new(Rows.Name, model, AnomalyScores.Of(errors, Options.Contamination)));
    }
}
