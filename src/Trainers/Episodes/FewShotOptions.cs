using Microsoft.ML.SearchSpace;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>The options of every technique that learns from episodes: small tasks of a few classes with a few examples each.</summary>
public abstract class FewShotOptions : TrainingOptions, IImageOptions
{
    private protected FewShotOptions()
    {
    }

    /// <summary>
    /// The image that the features are: what vectors hold in CHW order, and what pictures are resized to. The network is then a convolution. Null for plain
    /// vectors and a multilayer perceptron, and for pictures that were resized before, whose size is taken, with 3 channels.
    /// </summary>
    /// <remarks>A <c>SearchSpace</c> that is made of options drops it: set it in the factory of the sweep.</remarks>
    [TakesMemory, PositiveDimensions]
    public ImageShape? ImageShape { get; set; }

    /// <summary>
    /// Classes in a training episode; all classes where the data has fewer. From 2 to 1048576. More ways in training than in use make a better network.
    /// </summary>
    [TakesMemory, Between(2, 1 << 20), Range(5, 60, init: 20, logBase: true)]
    public int Ways { get; set; } = 20;

    /// <summary>
    /// Support examples of a class in a training episode; fewer, which the log says, where no two classes have so many rows. From 1 to 1048576; best equal to
    /// the shots in use.
    /// </summary>
    [TakesMemory, Between(1, 1 << 20), Range(1, 10, init: 1, logBase: true)]
    public int Shots { get; set; } = 1;

    /// <summary>
    /// Query examples of a class in a training episode; fewer, which the log says, where no two classes have so many rows besides <see cref="Shots"/>. From 1
    /// to 1048576.
    /// </summary>
    [TakesMemory, Between(1, 1 << 20), Range(1, 15, init: 5)]
    public int QueriesPerClass { get; set; } = 5;

    /// <summary>Adam's step size at the start. Greater than 0.</summary>
    [GreaterThan(0), Range(1e-4, 1e-2, init: 1e-3, logBase: true)]
    public double LearningRate { get; set; } = 1e-3;

    /// <summary>How the step size falls from <see cref="LearningRate"/>.</summary>
    [Defined]
    public LearningRateDecay LearningRateDecay { get; set; } = LearningRateDecay.Halving;

    /// <summary>Optimizer steps after which the step size is halved each time, with <see cref="LearningRateDecay.Halving"/>. At least 1.</summary>
    [AtLeast(1)]
    public int HalvingInterval { get; set; } = 2_000;

    /// <summary>The step sizes.</summary>
    internal LearningRates LearningRates => new(LearningRate, LearningRateDecay, HalvingInterval);

    /// <summary>Filters of each convolution, with <see cref="ImageShape"/>. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096)]
    public int Filters { get; set; } = 64;

    /// <summary>Blocks of the convolution, with <see cref="ImageShape"/>; each halves height and width. From 1 to 8, and few enough to leave a pixel.</summary>
    [TakesMemory, Between(1, 8)]
    public int Blocks { get; set; } = 4;

    /// <summary>Units of the hidden layers, without <see cref="ImageShape"/>; may be empty. Each from 1 to 65536.</summary>
    [TakesMemory, Between(1, 65_536)]
    public int[] HiddenUnits { get; set; } = [64, 64];

    /// <summary>
    /// Whether every class comes four times in training, turned by 0, 90, 180 and 270 degrees, each turn being a class of its own (Snell, Swersky and Zemel
    /// 2017, section 3.1). Needs square images.
    /// </summary>
    [AnyValue]
    public bool Rotations { get; set; }

    /// <summary>
    /// How much each training image is distorted anew in every episode, with <see cref="ImageShape"/>: 0 not at all; 1 turns by up to 15 degrees, scales
    /// and shears by up to 15 % and shifts by up to 7 % of the size. From 0 to 4. In none of the papers. Without an image it has no effect, which the log says.
    /// </summary>
    [Between(0, 4), Range(0.0, 2.0, init: 0.0)]
    public double AffineJitter { get; set; }

    /// <summary>How often a class comes in training, each time as another class.</summary>
    internal int Turns => Rotations ? 4 : 1;

    /// <summary>Rows of a class that an episode takes.</summary>
    internal long RowsPerClass => (long)Shots + QueriesPerClass;

    /// <summary>The same options for classes that have no more rows than this: queries are given up before shots.</summary>
    /// <param name="rows">At least 2, and fewer than an episode would take.</param>
    internal TOptions WithRowsPerClass<TOptions>(int rows)
        where TOptions : FewShotOptions
    {
        var smaller = (TOptions)Copy();
        smaller.Shots = Math.Min(Shots, rows - 1);
        smaller.QueriesPerClass = rows - smaller.Shots;
        return smaller;
    }

    private protected override (string Property, string Message)? FindConflict()
    {
        if (ImageShape is not { } image)
            return Rotations ? (nameof(Rotations), "needs ImageShape, which is null.") : null;

        if (image.Height >> Blocks == 0 || image.Width >> Blocks == 0)
            return (nameof(Blocks), $"must leave at least one pixel of an image of {image}, but was {Blocks}.");
        long length = (long)Filters * (image.Height >> Blocks) * (image.Width >> Blocks);
        if (length > 1 << 24)
            return (nameof(Filters), FormattableString.Invariant($"times the pixels that Blocks leave must be at most {1 << 24}, but was {length}."));
        return Rotations && image.Height != image.Width ? (nameof(Rotations), $"needs square images, but ImageShape is {image}.") : null;
    }
}
