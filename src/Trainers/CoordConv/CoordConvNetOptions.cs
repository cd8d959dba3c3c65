using MLNet.Papers.CoordConv;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>Options of <see cref="CoordConvNetTrainer"/>.</summary>
/// <remarks>
/// Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247, section 3.
/// </remarks>
public sealed class CoordConvNetOptions : MinibatchOptions, IImageOptions
{
    /// <summary>
    /// The image that the network reads: what vectors hold in CHW order, and what pictures are resized to. At least 1 × 1 × 1. Null takes it from the column:
    /// the dimensions of its vectors, or three channels of pictures that were resized already.
    /// </summary>
    /// <remarks>A <c>SearchSpace</c> that is made of options drops it: set it in the factory of the sweep.</remarks>
    [TakesMemory, PositiveDimensions]
    public ImageShape? ImageShape { get; set; }

    /// <summary>Which convolutions know the coordinates of the pixels that they see; none for an ordinary network.</summary>
    [Defined]
    public CoordinateLayers CoordinateLayers { get; set; } = CoordinateLayers.First;

    /// <summary>Whether the distance to the middle of the image is a third coordinate.</summary>
    [AnyValue]
    public bool WithRadius { get; set; }

    /// <summary>Channels of the convolutions; the first has a stride of 1 and the others of 2. Each from 1 to 1024, and at least one of them.</summary>
    [TakesMemory, Between(1, 1024)]
    public int[] HiddenChannels { get; set; } = [16, 32, 32];

    /// <summary>Height and width of the windows. Odd, from 1 to 15.</summary>
    [OddKernel]
    public int KernelSize { get; set; } = 3;

    /// <summary>How the activations of each convolution are normalized. Where the convolutions leave so few pixels that a group of channels holds one value,
    /// only <see cref="Normalization.Batch"/> and <see cref="Normalization.None"/>.</summary>
    [Defined]
    public Normalization Normalization { get; set; } = Normalization.Batch;

    /// <summary>Groups of channels, with <see cref="Normalization.Group"/> (Wu and He 2018, arXiv:1803.08494, have 32 in wider networks). At least 1; must
    /// divide the channels of every layer.</summary>
    [AtLeast(1)]
    public int Groups { get; set; } = 8;

    /// <summary>The network that these options describe.</summary>
    internal LayeredArchitecture Architecture(int classes) =>
        CoordConvNetworks.Classifier(ImageShape!.Value, classes, HiddenChannels, KernelSize, CoordinateLayers, WithRadius, Normalization, Groups);

    private protected override (string Property, string Message)? FindConflict()
    {
        if (base.FindConflict() is { } conflict)
            return conflict;
        if (HiddenChannels.Length == 0)
            return (nameof(HiddenChannels), "must have at least one convolution, but was empty.");
        if (ChannelNormalization.FindConflict(Normalization, Groups, HiddenChannels) is { } message)
            return (nameof(Groups), message);
        if (ImageShape is null)
            return null;
        return Architecture(classes: 2).FindLoss(
            $"a larger ImageShape than {ImageShape}, fewer HiddenChannels, fewer Groups") is { } loss ? (nameof(Normalization), loss) : null;
    }
}

/// <summary>Height and width of a window that has a middle.</summary>
internal sealed class OddKernelAttribute : NumberRuleAttribute
{
    public override string Requirement => "odd and from 1 to 15";

    private protected override IEnumerable<double> BrokenNumbers => [0, 2, 17];

    private protected override double Largest => 15;

    private protected override bool Allows(double value) => value is >= 1 and <= 15 && value % 2 == 1;
}
