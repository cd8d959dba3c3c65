using MLNet.Papers.Layers;

namespace MLNet.Papers.Codes;

/// <summary>Layers that the networks of several techniques are made of.</summary>
internal static class AutoencoderLayers
{
    /// <summary>Hidden layers of vectors.</summary>
    public static IEnumerable<Layer> Hidden(IEnumerable<int> units) => units.SelectMany(count => (Layer[])[new Dense(count), new Rectifier()]);

    /// <summary>Convolutions that halve the sides of images.</summary>
    public static IEnumerable<Layer> Smaller(int halvings, int channels) =>
        Enumerable.Range(0, halvings).SelectMany(_ => (Layer[])[new Convolution(channels, 3, Stride: 2), new Rectifier()]);

    /// <summary>The way back, to images.</summary>
    public static IEnumerable<Layer> Larger(int halvings, int channels, int outputChannels)
    {
        for (int i = 0; i < halvings - 1; i++)
        {
            yield return new TransposedConvolution(channels, 4);
            yield return new Rectifier();
        }

        yield return halvings == 0 ? new Convolution(outputChannels, 3) : new TransposedConvolution(outputChannels, 4);
    }
}
