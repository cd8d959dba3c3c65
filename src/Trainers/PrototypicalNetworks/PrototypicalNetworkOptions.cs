using Microsoft.ML.SearchSpace;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Options of <see cref="PrototypicalNetworkTrainer"/>.</summary>
/// <remarks>Section and equation numbers are those of Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, arXiv:1703.05175.</remarks>
public sealed class PrototypicalNetworkOptions : TrainingOptions
{
    /// <summary>The image that the features are, in CHW order; the network is then the paper's convolution. Null for plain vectors and a multilayer perceptron.</summary>
    [PositiveDimensions]
    public ImageShape? ImageShape { get; set; }

    /// <summary>N_C of Algorithm 1, classes in a training episode; all classes where the data has fewer. At least 2. More ways in training than in use make a better network (section 2.7).</summary>
    [AtLeast(2), Range(5, 60, init: 20, logBase: true)]
    public int Ways { get; set; } = 20;

    /// <summary>N_S of Algorithm 1, support examples of a class in a training episode. At least 1; best equal to the shots in use (section 2.7).</summary>
    [AtLeast(1), Range(1, 10, init: 1, logBase: true)]
    public int Shots { get; set; } = 1;

    /// <summary>N_Q of Algorithm 1, query examples of a class in a training episode. At least 1.</summary>
    [AtLeast(1), Range(1, 15, init: 5)]
    public int QueriesPerClass { get; set; } = 5;

    /// <summary>Training episodes, each one optimizer step. At least 1.</summary>
    [AtLeast(1), Range(100, 20_000, init: 2_000, logBase: true)]
    public int Episodes { get; set; } = 2_000;

    /// <summary>How far a query is from a prototype (section 2.7).</summary>
    [Defined]
    public Distance Distance { get; set; } = Distance.SquaredEuclidean;

    /// <summary>What distances are divided by before the softmax of equation 2; the paper has 1. Greater than 0. A network whose distances are large learns more from a greater one.</summary>
    [GreaterThan(0), Range(0.1, 30.0, init: 1.0, logBase: true)]
    public double Temperature { get; set; } = 1;

    /// <summary>
    /// Whether every example of an episode is support in turn and a query in the others, so that one forward pass gives Shots + QueriesPerClass losses, whose mean is
    /// the episode's. The paper has one loss, with the first Shots as support.
    /// </summary>
    [AnyValue]
    public bool SupportInTurn { get; set; }

    /// <summary>Adam's step size at the start (section 3.1). Greater than 0.</summary>
    [GreaterThan(0), Range(1e-4, 1e-2, init: 1e-3, logBase: true)]
    public double LearningRate { get; set; } = 1e-3;

    /// <summary>How the step size falls from <see cref="LearningRate"/>.</summary>
    [Defined]
    public LearningRateDecay LearningRateDecay { get; set; } = LearningRateDecay.Halving;

    /// <summary>Episodes after which the step size is halved each time, with <see cref="LearningRateDecay.Halving"/> (section 3.1). At least 1.</summary>
    [AtLeast(1)]
    public int HalvingInterval { get; set; } = 2_000;

    /// <summary>Filters of each convolution, with <see cref="ImageShape"/>. From 1 to 4096.</summary>
    [Between(1, 4096)]
    public int Filters { get; set; } = 64;

    /// <summary>Blocks of convolution and pooling, with <see cref="ImageShape"/>; each halves height and width. From 1 to 8, and few enough to leave a pixel.</summary>
    [Between(1, 8)]
    public int Blocks { get; set; } = 4;

    /// <summary>Whether the first convolution is given the coordinates of each pixel (Liu et al. 2018, arXiv:1807.03247), with <see cref="ImageShape"/>. Not in the paper.</summary>
    [AnyValue]
    public bool Coordinates { get; set; }

    /// <summary>How the activations of each block are normalized, with <see cref="ImageShape"/>; the paper has batch normalization.</summary>
    [Defined]
    public Normalization Normalization { get; set; } = Normalization.Batch;

    /// <summary>Groups of channels, with <see cref="Normalization.Group"/> (Wu and He 2018, arXiv:1803.08494, have 32). At least 1; must divide <see cref="Filters"/>.</summary>
    [AtLeast(1)]
    public int Groups { get; set; } = 32;

    /// <summary>Units of the hidden layers, without <see cref="ImageShape"/>; may be empty. Each from 1 to 65536.</summary>
    [Between(1, 65_536)]
    public int[] HiddenUnits { get; set; } = [64, 64];

    /// <summary>Length of the embedding, without <see cref="ImageShape"/>. From 1 to 65536.</summary>
    [Between(1, 65_536), Range(16, 256, init: 64, logBase: true)]
    public int EmbeddingSize { get; set; } = 64;

    /// <summary>Whether every class comes four times in training, turned by 0, 90, 180 and 270 degrees, each turn being a class of its own (section 3.1). Needs square images.</summary>
    [AnyValue]
    public bool Rotations { get; set; }

    /// <summary>
    /// How much each training image is distorted anew in every episode, with <see cref="ImageShape"/>: 0 not at all; 1 turns by up to 15 degrees, scales
    /// and shears by up to 15 % and shifts by up to 7 % of the size. From 0 to 4. Not in the paper.
    /// </summary>
    [Between(0, 4), Range(0.0, 2.0, init: 0.0)]
    public double AffineJitter { get; set; }

    /// <summary>The part of the classes that is not trained on but makes the validation episodes, if <see cref="TrainingOptions.Validation"/> is null. From 0 (none) to 0.9.</summary>
    [Between(0, 0.9)]
    public double ValidationFraction { get; set; }

    /// <summary>Episodes in one validation; they are the same ones each time. At least 1.</summary>
    [AtLeast(1)]
    public int ValidationEpisodes { get; set; } = 100;

    /// <summary>The name of a third output column for the embedding; null for none.</summary>
    [NotBlank]
    public string? EmbeddingColumnName { get; set; }

    private protected override (string Property, string Message)? FindConflict()
    {
        if (EmbeddingColumnName is MulticlassColumns.PredictedLabel or MulticlassColumns.Score)
            return (nameof(EmbeddingColumnName), $"must not be the name of another output column, but was {EmbeddingColumnName}.");
        if (ImageShape is not { } image)
        {
            return Rotations ? (nameof(Rotations), "needs ImageShape, which is null.")
                : Coordinates ? (nameof(Coordinates), "needs ImageShape, which is null.")
                : AffineJitter > 0 ? (nameof(AffineJitter), "needs ImageShape, which is null.")
                : null;
        }

        if (image.Height >> Blocks == 0 || image.Width >> Blocks == 0)
            return (nameof(Blocks), $"must leave at least one pixel of an image of {image}, but was {Blocks}.");
        long length = (long)Filters * (image.Height >> Blocks) * (image.Width >> Blocks);
        if (length > 1 << 24)
            return (nameof(Filters), FormattableString.Invariant($"times the pixels that Blocks leave must be at most {1 << 24}, but was {length}."));
        if (ChannelNormalization.FindConflict(Normalization, Groups, [Filters]) is { } conflict)
            return (nameof(Groups), conflict);
        return Rotations && image.Height != image.Width ? (nameof(Rotations), $"needs square images, but ImageShape is {image}.") : null;
    }
}
