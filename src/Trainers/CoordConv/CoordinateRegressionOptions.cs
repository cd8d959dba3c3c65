using MLNet.Papers.CoordConv;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>Options of <see cref="CoordinateRegressionTrainer"/>.</summary>
/// <remarks>
/// Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247, section 5.
/// </remarks>
public sealed class CoordinateRegressionOptions : MinibatchOptions, IImageOptions
{
    /// <summary>
    /// The image that the network reads: what vectors hold in CHW order, and what pictures are resized to. At least 1 × 1 × 1. Null takes it from the column:
    /// the dimensions of its vectors, or three channels of pictures that were resized already.
    /// </summary>
    /// <remarks>A <c>SearchSpace</c> that is made of options drops it: set it in the factory of the sweep.</remarks>
    [TakesMemory, PositiveDimensions]
    public ImageShape? ImageShape { get; set; }

    /// <summary>Whether the network knows the coordinates of the pixels that it sees. Without them it is one of the paper's baselines.</summary>
    [AnyValue]
    public bool Coordinates { get; set; } = true;

    /// <summary>Whether the distance to the middle of the image is a third coordinate, with <see cref="Coordinates"/>.</summary>
    [AnyValue]
    public bool WithRadius { get; set; }

    /// <summary>The network without <see cref="Coordinates"/>.</summary>
    [Defined]
    public PlainRegressor PlainRegressor { get; set; } = PlainRegressor.Pooling;

    /// <summary>Times 16, the channels of the network without <see cref="Coordinates"/>. From 1 to 64.</summary>
    [TakesMemory, Between(1, 64)]
    public int ChannelMultiplier { get; set; } = 1;

    /// <summary>The normalization in <see cref="PlainRegressor.Strides"/>; the paper has batch normalization. Where the convolutions leave
    /// so few pixels that a group of channels holds one value, only <see cref="Normalization.Batch"/> and <see cref="Normalization.None"/>.</summary>
    [Defined]
    public Normalization Normalization { get; set; } = Normalization.Batch;

    /// <summary>Groups of channels, with <see cref="Normalization.Group"/>. At least 1; must divide the channels of every layer.</summary>
    [AtLeast(1)]
    public int Groups { get; set; } = 16;

    /// <summary>The network that these options describe.</summary>
    internal LayeredArchitecture Architecture(int outputs) => Coordinates
        ? CoordConvNetworks.Regressor(ImageShape!.Value, outputs, WithRadius)
        : CoordConvNetworks.Regressor(ImageShape!.Value, outputs, PlainRegressor, ChannelMultiplier, Normalization, Groups);

    private protected override (string Property, string Message)? FindConflict()
    {
        if (base.FindConflict() is { } conflict)
            return conflict;
        if (Coordinates)
            return null;
        if (PlainRegressor == PlainRegressor.Pooling && ImageShape is { Height: < 8 } or { Width: < 8 })
            return (nameof(ImageShape), $"must be at least 8 × 8 pixels for PlainRegressor.Pooling, but was {ImageShape}.");
        if (ChannelNormalization.FindConflict(Normalization, Groups, [16 * ChannelMultiplier]) is { } message)
            return (nameof(Groups), message);
        if (ImageShape is null)
            return null;
        return Architecture(outputs: 1).FindLoss($"a larger ImageShape than {ImageShape}, fewer Groups") is { } loss ? (nameof(Normalization), loss) : null;
    }
}
