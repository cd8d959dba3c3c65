using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.CoordConv;

/// <summary>Learning without labels: the features must be enough to paint a small copy of the image.</summary>
/// <remarks>
/// With coordinates the decoder is the painter of Liu et al. 2018, arXiv:1807.03247, for any number of features instead of two (later known as a spatial
/// broadcast decoder, Watters et al. 2019, arXiv:1901.07017): the features on every pixel, beside the pixel's own coordinates, and convolutions of 1 × 1.
/// Without, it is the paper's baseline of transposed convolutions. The copy has at most 16 pixels a side, each the mean over its part of the image.
/// </remarks>
internal static class Reconstruction
{
    private const int LongestSide = 16;
    private const int Channels = 64;

    /// <summary>The network from features to the small copy.</summary>
    public static LayeredArchitecture Decoder(FeaturizerArchitecture architecture)
    {
        ImageShape copy = Copy(architecture);
        List<Layer> layers = [];
        if (architecture.Convolution.Coordinates)
        {
            layers.AddRange(
                [
                    new Tile(copy.Height, copy.Width),
                    new Convolution(Channels, 1, Coordinates: true),
                    new Rectifier(),
                    new Convolution(Channels, 1),
                    new Rectifier(),
                ]);
        }
        else
        {
            for (int side = 1; side < LongestSide; side *= 2)
                layers.AddRange([new TransposedConvolution(Channels, 3), new Rectifier()]);
        }

        return new() { Input = new(architecture.Features, 1, 1), Layers = [.. layers, new Convolution(copy.Channels, 1)] };
    }

    /// <summary>The mean squared error of a copy (B, M) against the images (B, D).</summary>
    public static Tensor Loss(Tensor painted, Tensor images, FeaturizerArchitecture architecture)
    {
        ImageShape shape = architecture.Convolution.ImageShape!.Value, copy = Copy(architecture);
        Tensor target = functional.adaptive_avg_pool2d(images.view(-1, shape.Channels, shape.Height, shape.Width), [copy.Height, copy.Width]);
        return functional.mse_loss(painted.view(target.shape), target);
    }

    // Transposed convolutions double a pixel until the side is reached.
    private static ImageShape Copy(FeaturizerArchitecture architecture)
    {
        ImageShape shape = architecture.Convolution.ImageShape!.Value;
        return architecture.Convolution.Coordinates
            ? shape with { Height = Math.Min(shape.Height, LongestSide), Width = Math.Min(shape.Width, LongestSide) }
            : shape with { Height = LongestSide, Width = LongestSide };
    }
}
