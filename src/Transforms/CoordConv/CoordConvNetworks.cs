using MLNet.Papers.Layers;
using MLNet.Papers.Networks;

namespace MLNet.Papers.CoordConv;

/// <summary>
/// The networks of Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247.
/// </summary>
internal static class CoordConvNetworks
{
    /// <summary>What a painter without coordinates needs of its image, in words.</summary>
    public const string DeconvolutionSides = "equal and a power of two from 4 on";

    /// <summary>From a centre to an image: the centre on every pixel, beside the pixel's own coordinates, and convolutions of 1 × 1 (figure 2).</summary>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="hiddenChannels">Channels of all convolutions but the last, which has one.</param>
    /// <param name="output">What is painted. The network gives logits; the softmax or sigmoid is not in it.</param>
    /// <param name="multiplier">Times 8, 8, 16 and 16, the channels of the convolutions that paint around a pixel.</param>
    public static LayeredArchitecture Painter(int height, int width, int[] hiddenChannels, PaintedOutput output, int multiplier)
    {
        List<Layer> layers = [new Tile(height, width)];
        AddStack(layers, [.. hiddenChannels, 1], kernelSize: 1, isFirstCoordinate: true);
        if (output == PaintedOutput.Render)
        {
            layers.Add(new PixelSoftmax());
            AddStack(layers, [8 * multiplier, 8 * multiplier, 16 * multiplier, 16 * multiplier, 1], kernelSize: 3, isFirstCoordinate: false);
        }

        return new() { Input = new(2, 1, 1), Layers = [.. layers] };
    }

    /// <summary>
    /// From a centre to an image by transposed convolutions that double its sides, with normalization and rectifiers between them (figure 2): the baseline.
    /// </summary>
    /// <param name="side">H and W: a power of two from 4 on.</param>
    /// <param name="kernelSize">Height and width of a window.</param>
    /// <param name="multiplier">Times 64 and 32, the channels.</param>
    /// <param name="normalization">After all convolutions but the last.</param>
    /// <param name="groups">With group normalization.</param>
    public static LayeredArchitecture Deconvolution(int side, int kernelSize, int multiplier, Normalization normalization, int groups)
    {
        int doublings = int.Log2(side);
        List<Layer> layers = [];
        for (int doubling = 0; doubling < doublings; doubling++)
        {
            int left = doublings - 1 - doubling;
            layers.Add(new TransposedConvolution(left == 0 ? 1 : multiplier * (left > 2 ? 64 : 32), kernelSize));
            if (left > 0)
                layers.AddRange([new ChannelNormalization(normalization, groups), new Rectifier()]);
        }

        return new() { Input = new(2, 1, 1), Layers = [.. layers] };
    }

    /// <summary>Whether <see cref="Deconvolution"/> can give an image of these sides.</summary>
    public static bool CanDeconvolve(int height, int width) => height == width && height >= 4 && int.IsPow2(height);

    /// <summary>From an image to numbers: coordinates, convolutions without rectifiers, and the maximum over all pixels (section 5).</summary>
    public static LayeredArchitecture Regressor(ImageShape image, int outputs, bool withRadius) => new()
    {
        Input = image,
        Layers =
        [
            new Convolution(8, 1, Coordinates: true, WithRadius: withRadius), new Convolution(8, 1), new Convolution(8, 1),
            new Convolution(8, 3), new Convolution(outputs, 3), new GlobalMaximum(),
        ],
    };

    /// <summary>From an image to numbers without coordinates (section 5): the baseline.</summary>
    public static LayeredArchitecture Regressor(ImageShape image, int outputs, PlainRegressor kind, int multiplier, Normalization normalization, int groups)
    {
        int channels = 16 * multiplier;
        Layer normalize = new ChannelNormalization(normalization, groups);
        Layer[] layers = kind == PlainRegressor.Pooling
            ?
            [
                new Convolution(channels, 3), new Rectifier(), new MaximumPooling(), new Convolution(channels, 3), new Rectifier(), new MaximumPooling(),
                new Convolution(channels, 3), new Rectifier(), new MaximumPooling(), new Convolution(channels, 3), new Rectifier(),
                new Dense(64), new Rectifier(), new Dense(outputs),
            ]
            :
            [
                new Convolution(channels, 5, 2), new Rectifier(), new Convolution(channels, 1), normalize, new Rectifier(), new Convolution(channels, 3),
                new Rectifier(),
                new Convolution(channels, 3, 2), new Rectifier(), new Convolution(channels, 3, 2), normalize, new Rectifier(), new Convolution(channels, 3, 2),
                new Rectifier(),
                new Convolution(channels, 1), new Rectifier(), new Convolution(channels, 3, 2), new Rectifier(), new Convolution(outputs, 3), new GlobalMean(),
            ];
        return new() { Input = image, Layers = layers };
    }

    /// <summary>
    /// An ordinary image classifier: convolutions, the first without and the others with a stride of 2, the mean over all pixels, and a linear layer.
    /// </summary>
    public static LayeredArchitecture Classifier(
        ImageShape image,
        int classes,
        int[] hiddenChannels,
        int kernelSize,
        CoordinateLayers coordinates,
        bool withRadius,
        Normalization normalization,
        int groups)
    {
        List<Layer> layers = [];
        for (int i = 0; i < hiddenChannels.Length; i++)
        {
            bool hasCoordinates = coordinates == CoordinateLayers.All || (coordinates == CoordinateLayers.First && i == 0);
            layers.Add(new Convolution(hiddenChannels[i], kernelSize, i == 0 ? 1 : 2, hasCoordinates, withRadius));
            if (normalization != Normalization.None)
                layers.Add(new ChannelNormalization(normalization, groups));
            layers.Add(new Rectifier());
        }

        return new() { Input = image, Layers = [.. layers, new GlobalMean(), new Dense(classes)] };
    }

    private static void AddStack(List<Layer> layers, int[] channels, int kernelSize, bool isFirstCoordinate)
    {
        for (int i = 0; i < channels.Length; i++)
        {
            layers.Add(new Convolution(channels[i], kernelSize, Coordinates: isFirstCoordinate && i == 0));
            if (i < channels.Length - 1)
                layers.Add(new Rectifier());
        }
    }
}
