using Microsoft.ML.SearchSpace;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>The options of every technique that trains a network on the outputs of another model: how the network is built, and how it is optimized.</summary>
public abstract class StudentOptions : MinibatchOptions, IImageOptions
{
    private protected StudentOptions()
    {
    }

    /// <summary>
    /// The image that the features are: what vectors hold in CHW order, and what pictures are resized to. The network then begins with convolutions. Null for
    /// plain vectors and a multilayer perceptron, and for pictures that were resized before, whose size is taken, with 3 channels.
    /// </summary>
    /// <remarks>A <c>SearchSpace</c> that is made of options drops it: set it in the factory of the sweep.</remarks>
    [TakesMemory, PositiveDimensions]
    public ImageShape? ImageShape { get; set; }

    /// <summary>
    /// Channels of the convolutions, with <see cref="ImageShape"/>: each a window of 3 × 3, normalization, the maximum over 2 × 2 pixels and a rectifier. Each
    /// from 1 to 1024;
    /// at least one of them, and few enough to leave a pixel.
    /// </summary>
    [TakesMemory, Between(1, 1024)]
    public int[] HiddenChannels { get; set; } = [16, 32];

    /// <summary>Which convolutions know the coordinates of the pixels that they see (Liu et al. 2018, arXiv:1807.03247), with <see
    /// cref="ImageShape"/>.</summary>
    [Defined]
    public CoordinateLayers CoordinateLayers { get; set; } = CoordinateLayers.None;

    /// <summary>Whether the distance to the middle of the image is a third coordinate.</summary>
    [AnyValue]
    public bool WithRadius { get; set; }

    /// <summary>How the activations of each convolution are normalized, with <see cref="ImageShape"/>.</summary>
    [Defined]
    public Normalization Normalization { get; set; } = Normalization.Batch;

    /// <summary>Groups of channels, with <see cref="Normalization.Group"/> (Wu and He 2018, arXiv:1803.08494). At least 1; must divide the channels of every
    /// convolution.</summary>
    [AtLeast(1)]
    public int Groups { get; set; } = 8;

    /// <summary>Units of the linear layers before the last one, each with a rectifier; after the convolutions, if there are any. May be empty. Each from 1 to
    /// 65536.</summary>
    [TakesMemory, Between(1, 65_536)]
    public int[] HiddenUnits { get; set; } = [128, 128];

    /// <summary>What takes the steps.</summary>
    [Defined]
    public TrainingOptimizer Optimizer { get; set; } = TrainingOptimizer.Adam;

    /// <summary>How much of the last step's direction is kept, with <see cref="TrainingOptimizer.Sgd"/>. From 0 to 0.999.</summary>
    [Between(0, 0.999)]
    public double Momentum { get; set; } = 0.9;

    /// <summary>
    /// What logits are divided by before the softmax where the teacher's distribution is learned, on both sides: 1 takes it as it is, as the paper does; a
    /// higher one makes small
    /// probabilities count more (Hinton, Vinyals and Dean 2015, arXiv:1503.02531; their factor T² on this part of the loss is in it). Greater than 0 and at
    /// most 100.
    /// </summary>
    [Temperature, Range(1.0, 10.0, init: 1.0, logBase: true)]
    public double Temperature { get; set; } = 1;

    /// <summary>The network that these options describe.</summary>
    /// <param name="inputSize">D, where it reads vectors.</param>
    /// <param name="outputs">How many numbers it gives.</param>
    internal LayeredArchitecture Architecture(int inputSize, int outputs)
    {
        List<Layer> layers = [];
        if (ImageShape is not null)
        {
            for (int i = 0; i < HiddenChannels.Length; i++)
            {
                bool hasCoordinates = CoordinateLayers == CoordinateLayers.All || (CoordinateLayers == CoordinateLayers.First && i == 0);
                layers.Add(new Convolution(HiddenChannels[i], FusedConvolution.KernelSize, Coordinates: hasCoordinates, WithRadius: WithRadius));
                if (Normalization != Normalization.None)
                    layers.Add(new ChannelNormalization(Normalization, Groups));
                layers.AddRange([new MaximumPooling(), new Rectifier()]);
            }
        }

        foreach (int units in HiddenUnits)
            layers.AddRange([new Dense(units), new Rectifier()]);
        return new() { Input = ImageShape ?? new(inputSize, 1, 1), Layers = [.. layers, new Dense(outputs)] };
    }

    /// <inheritdoc/>
    internal override OptimizerSettings OptimizerSettings => OptimizerSettings.Of(Optimizer, Beta2, Momentum);

    private protected override (string Property, string Message)? FindConflict()
    {
        if (base.FindConflict() is { } conflict)
            return conflict;
        if (ImageShape is not { } image)
            return CoordinateLayers != CoordinateLayers.None ? (nameof(CoordinateLayers), "needs ImageShape, which is null.") : null;
        if (HiddenChannels.Length == 0)
            return (nameof(HiddenChannels), "must have at least one convolution, but was empty.");
        if (image.Height >> HiddenChannels.Length == 0 || image.Width >> HiddenChannels.Length == 0)
        {
            return (nameof(HiddenChannels), FormattableString.Invariant(
                $"must leave at least one pixel of an image of {image}, but had {HiddenChannels.Length} convolutions, each of which halves it."));
        }

        if (ChannelNormalization.FindConflict(Normalization, Groups, HiddenChannels) is { } message)
            return (nameof(Groups), message);
        return Architecture(image.Size, outputs: 2).FindLoss(
            $"a larger ImageShape than {image}, fewer HiddenChannels, fewer Groups") is { } loss ? (nameof(Normalization), loss) : null;
    }
}

/// <summary>What logits are divided by.</summary>
internal sealed class TemperatureAttribute : NumberRuleAttribute
{
    public override string Requirement => "greater than 0 and at most 100";

    private protected override IEnumerable<double> BrokenNumbers => [0, -1, 101];

    private protected override double Largest => 100;

    private protected override bool Allows(double value) => value is > 0 and <= 100;
}
