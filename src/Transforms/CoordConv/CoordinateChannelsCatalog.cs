using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Coordinates of pixels in ML.NET's catalogs.</summary>
public static class CoordinateChannelsCatalog
{
    /// <summary>
    /// Adds to each image the coordinates of its pixels as channels: rows and columns from -1 to 1, and on request the distance to the middle.
    /// </summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="outputColumnName">The new column: a vector of Single of length (C + 2)·H·W, or (C + 3)·H·W with the radius, in CHW order.</param>
    /// <param name="inputColumnName">The images: a vector of Single of length C·H·W in CHW order, or an image column, whose images are resized to height and
    /// width and give values from 0 to 255. Null means the name of the output, which then hides it.</param>
    /// <param name="channels">C. At least 1; 1 (luminance) or 3 (red, green, blue) for an image column.</param>
    /// <param name="height">H in pixels. At least 1.</param>
    /// <param name="width">W in pixels. At least 1.</param>
    /// <param name="withRadius">Whether the distance to the middle, from 0 to √2, is a third coordinate.</param>
    /// <returns>An estimator whose fit only checks the input column.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small, or the image has more than 2²⁶ values.</exception>
    /// <remarks>Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247, section 3.
    /// Crop, flip and pad before this step: they change what coordinates mean.</remarks>
    public static CoordinateChannelsEstimator AddCoordinateChannels(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, int channels, int height, int width, bool withRadius = false) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, channels, height, width, withRadius);
}
