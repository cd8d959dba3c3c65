using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Unsupervised learning via meta-learning in ML.NET's catalogs.</summary>
public static class CactusCatalog
{
    /// <summary>
    /// Learns, from rows without labels, features and a few-shot learner: clusters the rows, pretends that the clusters are classes, and trains on tasks made
    /// of them. Classes are taught to the fitted transformer from a few labelled rows (<see cref="CactusTransformer.WithSupport"/>).
    /// </summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="outputColumnName">The features: a vector of Single.</param>
    /// <param name="inputColumnName">
    /// The rows: a vector of Single of known length, with finite values. Null means the name of the output, which then hides it.
    /// </param>
    /// <param name="options">
    /// What is clustered and how, and how the learner is built and trained; null for the defaults. Copied: later changes have no effect.
    /// </param>
    /// <returns>An estimator; its output is the feature vector.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Hsu, Levine and Finn, "Unsupervised Learning via Meta-Learning", ICLR 2019, arXiv:1810.02334. See <see cref="CactusEstimator"/>.</remarks>
    /// <example>
    /// <code>
    /// CactusTransformer cactus = mlContext.Transforms.FeaturizeWithCactus("Features", "Pixels", new() { ImageShape = new(1, 28, 28), Partitions = 50 })
    ///     .Fit(unlabelled);
    /// var classifier = cactus.WithSupport(fiveLabelledOfEach);
    /// </code>
    /// </example>
    public static CactusEstimator FeaturizeWithCactus(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, CactusOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);
}
