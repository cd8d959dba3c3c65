using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Variational autoencoders with flows in ML.NET's catalogs.</summary>
public static class FlowAutoencoderCatalog
{
    /// <summary>Learns to write rows as short vectors, to read them back, and to invent others.</summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="outputColumnName">The codes: a vector of Single.</param>
    /// <param name="inputColumnName">
    /// The rows: a vector of Single, or an image column (as from LoadImages). Null means the name of the output, which then hides it.
    /// </param>
    /// <param name="options">How networks and flow are built and learned; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its output are the codes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Rezende and Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, arXiv:1505.05770. See
    /// <see cref="FlowAutoencoderEstimator"/>.</remarks>
    /// <example>
    /// <code>
    /// var codec = mlContext.Transforms.FeaturizeWithFlowAutoencoder("Codes", "Pixels", new() { ImageShape = new(1, 28, 28) }).Fit(images);
    /// var back = codec.Decoder("Pixels", "Codes");
    /// var invented = codec.Generate(count: 100, seed: 7);
    /// </code>
    /// </example>
    public static FlowAutoencoderEstimator FeaturizeWithFlowAutoencoder(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, FlowAutoencoderOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);

    /// <summary>Learns to tell strange rows, without labels: those that a variational autoencoder with a flow finds unlikely.</summary>
    /// <param name="trainers">The trainers of anomaly detection.</param>
    /// <param name="featureColumnName">The rows: a vector of Single, or an image column (as from LoadImages).</param>
    /// <param name="options">
    /// How networks and flow are built and learned, and where anomalies begin; null for the defaults. Copied: later changes have no effect.
    /// </param>
    /// <returns>A trainer, whose transformer adds Score, PredictedLabel and Percentile.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Rezende and Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, arXiv:1505.05770. See
    /// <see cref="FlowAutoencoderTrainer"/>.</remarks>
    /// <example>
    /// <code>
    /// var detector = mlContext.AnomalyDetection.Trainers.FlowAutoencoder("Features", new() { Contamination = 0.02 }).Fit(rows);
    /// var metrics = mlContext.AnomalyDetection.Evaluate(detector.Transform(labelled), "Label");
    /// var strict = detector.WithContamination(0.001);
    /// </code>
    /// </example>
    public static FlowAutoencoderTrainer FlowAutoencoder(
        this AnomalyDetectionCatalog.AnomalyDetectionTrainers trainers, string featureColumnName = "Features",
        FlowAutoencoderAnomalyOptions? options = null) => new(Host.EnvironmentOf(trainers), featureColumnName, options);
}
