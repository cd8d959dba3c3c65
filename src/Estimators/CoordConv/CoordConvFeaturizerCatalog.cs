using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Image features that know where they are in ML.NET's catalogs.</summary>
public static class CoordConvFeaturizerCatalog
{
    /// <summary>
    /// Learns image features that also say where in the image things are, by a convolutional network that knows the coordinates of its pixels.
    /// </summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="outputColumnName">The features: a vector of Single.</param>
    /// <param name="inputColumnName">
    /// The images: an image column (as from LoadImages), whose images are resized, or a vector of Single in CHW order. Null means the name of the output, which
    /// then hides it.
    /// </param>
    /// <param name="options">
    /// What to learn from, and how the network is built and trained; null for the defaults, which learn without labels. Copied: later changes have no effect.
    /// </param>
    /// <returns>An estimator; its output is the feature vector.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247. See
    /// <see cref="CoordConvFeaturizerEstimator"/>.</remarks>
    /// <example>
    /// <code>
    /// var locate = mlContext.Transforms.LoadImages("Image", folder, "Path")
    ///     .Append(mlContext.Transforms.FeaturizeImageWithCoordConv("Features", "Image", new() { ImageShape = new(3, 64, 64), LabelColumnName = "Position" }))
    ///     .Append(mlContext.Regression.Trainers.Sdca("X", "Features"));
    /// </code>
    /// </example>
    public static CoordConvFeaturizerEstimator FeaturizeImageWithCoordConv(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, CoordConvFeaturizerOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);
}
