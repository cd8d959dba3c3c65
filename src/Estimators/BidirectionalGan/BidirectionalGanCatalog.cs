using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Bidirectional GANs in ML.NET's catalogs.</summary>
public static class BidirectionalGanCatalog
{
    /// <summary>Learns to invent rows of drawn codes, and with it to give the code of a row.</summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="outputColumnName">The codes: a vector of Single.</param>
    /// <param name="inputColumnName">
    /// The rows: a vector of Single, or an image column (as from LoadImages). Null means the name of the output, which then hides it.
    /// </param>
    /// <param name="options">How the networks are built and learned; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its output are the codes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Donahue, Krähenbühl and Darrell, "Adversarial Feature Learning", ICLR 2017, arXiv:1605.09782. See
    /// <see cref="BidirectionalGanEstimator"/>.</remarks>
    /// <example>
    /// <code>
    /// var gan = mlContext.Transforms.FeaturizeWithBidirectionalGan("Codes", "Features", new() { CodeSize = 16 }).Fit(rows);
    /// var codes = gan.Transform(rows);
    /// var invented = gan.Generate(count: 100, seed: 7);
    /// </code>
    /// </example>
    public static BidirectionalGanEstimator FeaturizeWithBidirectionalGan(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, BidirectionalGanOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);

    /// <summary>Learns to tell strange rows, without labels: those that a generator does not make again of their code.</summary>
    /// <param name="trainers">The trainers of anomaly detection.</param>
    /// <param name="featureColumnName">The rows: a vector of Single, or an image column (as from LoadImages).</param>
    /// <param name="options">
    /// How the networks are built and learned, and where anomalies begin; null for the defaults. Copied: later changes have no effect.
    /// </param>
    /// <returns>A trainer, whose transformer adds Score, PredictedLabel and Percentile.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Donahue, Krähenbühl and Darrell, "Adversarial Feature Learning", ICLR 2017, arXiv:1605.09782. See
    /// <see cref="BidirectionalGanTrainer"/>.</remarks>
    /// <example>
    /// <code>
    /// var detector = mlContext.AnomalyDetection.Trainers.BidirectionalGan("Features", new() { Contamination = 0.02 }).Fit(rows);
    /// var metrics = mlContext.AnomalyDetection.Evaluate(detector.Transform(labelled), "Label");
    /// </code>
    /// </example>
    public static BidirectionalGanTrainer BidirectionalGan(
        this AnomalyDetectionCatalog.AnomalyDetectionTrainers trainers, string featureColumnName = "Features",
        BidirectionalGanAnomalyOptions? options = null) =>
        new(Host.EnvironmentOf(trainers), featureColumnName, options);
}
