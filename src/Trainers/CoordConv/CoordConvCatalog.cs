using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Networks that know where they look in ML.NET's catalogs.</summary>
public static class CoordConvCatalog
{
    /// <summary>Trains an image classifier whose convolutions may know where in the image they look.</summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">The label: a key; or a text, number or Boolean, whose distinct values become the classes.</param>
    /// <param name="featureColumnName">The images: a vector of Single in CHW order, or an image column.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (key) and Score (vector of Single: class probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247. See
    /// <see cref="CoordConvNetTrainer"/>.
    /// </remarks>
    public static CoordConvNetTrainer CoordConvNet(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        CoordConvNetOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), labelColumnName, featureColumnName, options);

    /// <summary>Trains a network that reads numbers off an image, such as where in it something is.</summary>
    /// <param name="catalog">The catalog of regression trainers.</param>
    /// <param name="labelColumnName">The numbers to learn: a Single, or a vector of Single of known length.</param>
    /// <param name="imageColumnName">The images: a vector of Single in CHW order, or an image column.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its output is Score (vector of Single: the numbers).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Liu et al. 2018, arXiv:1807.03247, section 5. See <see cref="CoordinateRegressionTrainer"/>.</remarks>
    public static CoordinateRegressionTrainer CoordinateRegression(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = "Label",
        string imageColumnName = "Image",
        CoordinateRegressionOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), labelColumnName, imageColumnName, options);

    /// <summary>Trains a network that paints an image from two numbers that say where in it something is.</summary>
    /// <param name="catalog">The catalog of trainers of generators.</param>
    /// <param name="imageColumnName">The images to learn: a vector of Single of length H·W, row by row.</param>
    /// <param name="centreColumnName">Where: a vector of Single of length 2, (x, y) in pixels from the top left.</param>
    /// <param name="options">How the network is built and trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PaintedImage (vector of Single) and, where one pixel is painted, Pixel (key: y·W + x + 1).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Liu et al. 2018, arXiv:1807.03247, section 4. See <see cref="CoordinatePainterTrainer"/>.</remarks>
    public static CoordinatePainterTrainer CoordinatePainter(
        this GenerationCatalog.GenerationTrainers catalog,
        string imageColumnName = "Image",
        string centreColumnName = "Centre",
        CoordinatePainterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(catalog.Environment, imageColumnName, centreColumnName, options);
    }
}
