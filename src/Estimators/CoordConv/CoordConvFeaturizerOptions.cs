using MLNet.Papers.CoordConv;
using MLNet.Papers.Layers;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>Options of <see cref="CoordConvFeaturizerEstimator"/>.</summary>
/// <remarks>Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247.</remarks>
public sealed class CoordConvFeaturizerOptions : MinibatchOptions, IImageOptions
{
    /// <summary>
    /// What to learn from: a Single, or a vector of Single of known length, to regress on; or classes (a key, a text, a Boolean or another number). Null learns
    /// to reconstruct the images.
    /// </summary>
    [NotBlank]
    public string? LabelColumnName { get; set; }

    /// <summary>
    /// The image that the network reads: what vectors hold in CHW order, and what pictures are resized to. At least 1 × 1 × 1. Null takes it from the column:
    /// the dimensions of its vectors, or three channels of pictures that were resized already.
    /// </summary>
    /// <remarks>A <c>SearchSpace</c> that is made of options drops it: set it in the factory of the sweep.</remarks>
    [TakesMemory, PositiveDimensions]
    public ImageShape? ImageShape { get; set; }

    /// <summary>Whether the first convolution knows the coordinates of the pixels that it sees; otherwise it is a plain convolutional network.</summary>
    [AnyValue]
    public bool Coordinates { get; set; } = true;

    /// <summary>Filters of each convolution. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096)]
    public int Filters { get; set; } = 32;

    /// <summary>
    /// Blocks of convolution and pooling; each halves height and width. From 1 to 8, and few enough to leave a pixel. With so many that every pixel sees the
    /// edge of the image, a network without coordinates can tell the place from the zeros beyond it.
    /// </summary>
    [TakesMemory, Between(1, 8)]
    public int Blocks { get; set; } = 3;

    /// <summary>Length of the feature vector. From 1 to 65536.</summary>
    [TakesMemory, Between(1, 65_536)]
    public int FeatureCount { get; set; } = 64;

    /// <summary>How the activations of each block are normalized.</summary>
    [Defined]
    public Normalization Normalization { get; set; } = Normalization.Batch;

    /// <summary>Groups of channels, with <see cref="Normalization.Group"/> (Wu and He 2018, arXiv:1803.08494, have 32 in wider networks). At least 1; must
    /// divide <see cref="Filters"/>.</summary>
    [AtLeast(1)]
    public int Groups { get; set; } = 8;

    /// <summary>The network that these options describe.</summary>
    internal FeaturizerArchitecture Architecture() => new()
    {
        Convolution = new()
        {
            InputSize = ImageShape!.Value.Size,
            ImageShape = ImageShape,
            Filters = Filters,
            Blocks = Blocks,
            Coordinates = Coordinates,
            Normalization = Normalization,
            Groups = Normalization == Normalization.Group ? Groups : 1,
        },
        Features = FeatureCount,
    };

    private protected override (string Property, string Message)? FindConflict()
    {
        if (base.FindConflict() is { } conflict)
            return conflict;
        if (ImageShape is { } shape && FindConflict(shape) is { } tooLarge)
            return tooLarge;
        return ChannelNormalization.FindConflict(Normalization, Groups, [Filters]) is { } message ? (nameof(Groups), message) : null;
    }

    private (string Property, string Message)? FindConflict(ImageShape shape)
    {
        if (shape.Height >> Blocks == 0 || shape.Width >> Blocks == 0)
            return (nameof(Blocks), $"must leave at least one pixel of an image of {shape}, but was {Blocks}.");
        return (long)Filters * (shape.Height >> Blocks) * (shape.Width >> Blocks) > 1 << 24
            ? (nameof(Filters), FormattableString.Invariant($"times the pixels that Blocks leave must be at most {1 << 24}, but Filters was {Filters}."))
            : null;
    }
}
