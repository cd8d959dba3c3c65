using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Anomalies;
using MLNet.Papers.Codes;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.VectorQuantizedAutoencoder;

namespace MLNet.Papers;

/// <summary>Learns to tell strange rows, without labels: those of which the codes of a learned codebook can say little.</summary>
/// <remarks>
/// <para><b>Source.</b> Van den Oord, Vinyals and Kavukcuoglu, "Neural Discrete Representation Learning", NIPS 2017, arXiv:1711.00937. That its reconstruction
/// error tells strange rows is not in the paper.</para>
/// <para><b>Input.</b> As <see cref="VectorQuantizedAutoencoderEstimator"/> reads it. A few strange rows among those to learn from do no harm.</para>
/// <para><b>Output.</b> Score, PredictedLabel and Percentile: see <see cref="AnomalyTransformer"/>.</para>
/// <para><b>Fit.</b> Reads the rows once, and scores all of them in the end: Score of a row that was learned from tends to be lower than that of a new
/// one.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows, or all are the same; a number is not finite, or not from 0 to 1 with <see cref="Likelihood.Bernoulli"/>; a picture is missing;
/// the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class VectorQuantizedAutoencoderTrainer :
    AutoencoderEstimator<VectorQuantizedAutoencoderAnomalyTransformer, VectorQuantizedAutoencoderAnomalyOptions>
{
    internal VectorQuantizedAutoencoderTrainer(IHostEnvironment environment, string featureColumnName, VectorQuantizedAutoencoderAnomalyOptions? options)
        : base(environment, Named(featureColumnName), options)
    {
    }

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => AnomalyColumns.Create(null);

    private protected override TechniqueEstimator<VectorQuantizedAutoencoderAnomalyTransformer> With(VectorQuantizedAutoencoderAnomalyOptions options) =>
        new VectorQuantizedAutoencoderTrainer(Environment, Rows.Name, options);

    private protected override VectorQuantizedAutoencoderAnomalyTransformer Learn(AutoencoderRows rows, IChannel channel)
    {
        (AutoencoderModel model, Codebook codebook) = new VectorQuantizedTraining(Environment, Options, rows, channel).Run();
        float[] errors = TrainingErrors.Of(model, new KeyCodes(codebook, withVectors: false), rows.Rows, TorchDevice.Of(Environment), Check);
        return new(Environment, new(Rows.Name, model, codebook, AnomalyScores.Of(errors, Options.Contamination)));
    }
}
