using Microsoft.ML.SearchSpace;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.PrototypicalNetworks;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Options of <see cref="PrototypicalNetworkTrainer"/>.</summary>
/// <remarks>
/// Section and equation numbers are those of Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, arXiv:1703.05175.
/// </remarks>
public sealed class PrototypicalNetworkOptions : FewShotOptions
{
    /// <summary>Training episodes, each one optimizer step. At least 1.</summary>
    [AtLeast(1), Range(100, 20_000, init: 2_000, logBase: true)]
    public int Episodes { get; set; } = 2_000;

    /// <summary>How far a query is from a prototype (section 2.7).</summary>
    [Defined]
    public Distance Distance { get; set; } = Distance.SquaredEuclidean;

    /// <summary>
    /// What distances are divided by before the softmax of equation 2; the paper has 1. Greater than 0. A network whose distances are large learns more from a
    /// greater one.
    /// </summary>
    [GreaterThan(0), Range(0.1, 30.0, init: 1.0, logBase: true)]
    public double Temperature { get; set; } = 1;

    /// <summary>
    /// Whether every example of an episode is support in turn and a query in the others, so that one forward pass gives Shots + QueriesPerClass losses, whose
    /// mean is the episode's. The paper has one loss, with the first Shots as support.
    /// </summary>
    [TakesMemory, AnyValue]
    public bool SupportInTurn { get; set; }

    /// <summary>
    /// Whether the first convolution is given the coordinates of each pixel (Liu et al. 2018, arXiv:1807.03247), with <see cref="FewShotOptions.ImageShape"/>.
    /// Not in the paper.
    /// </summary>
    [AnyValue]
    public bool Coordinates { get; set; }

    /// <summary>How the activations of each block are normalized, with <see cref="FewShotOptions.ImageShape"/>; the paper has batch normalization.</summary>
    [Defined]
    public Normalization Normalization { get; set; } = Normalization.Batch;

    /// <summary>
    /// Groups of channels, with <see cref="Normalization.Group"/> (Wu and He 2018, arXiv:1803.08494, have 32). At least 1; must divide
    /// <see cref="FewShotOptions.Filters"/>.
    /// </summary>
    [AtLeast(1)]
    public int Groups { get; set; } = 32;

    /// <summary>Length of the embedding, without <see cref="FewShotOptions.ImageShape"/>. From 1 to 65536.</summary>
    [TakesMemory, Between(1, 65_536), Range(16, 256, init: 64, logBase: true)]
    public int EmbeddingSize { get; set; } = 64;

    /// <summary>
    /// The part of the classes that is not trained on but makes the validation episodes, if <see cref="TrainingOptions.Validation"/> is null. From 0 (none) to
    /// 0.9.
    /// </summary>
    [Between(0, 0.9)]
    public double ValidationFraction { get; set; }

    /// <summary>Episodes in one validation; they are the same ones each time. From 1 to 100000.</summary>
    [Between(1, 100_000)]
    public int ValidationEpisodes { get; set; } = 100;

    /// <summary>The name of a third output column for the embedding; null for none.</summary>
    [NotBlank]
    public string? EmbeddingColumnName { get; set; }

    private protected override (string Property, string Message)? FindConflict()
    {
        if (EmbeddingColumnName is MulticlassColumns.PredictedLabel or MulticlassColumns.Score)
            return (nameof(EmbeddingColumnName), $"must not be the name of another output column, but was {EmbeddingColumnName}.");
        if (base.FindConflict() is { } conflict)
            return conflict;
        if (ImageShape is null)
            return Coordinates ? (nameof(Coordinates), "needs ImageShape, which is null.") : null;
        return ChannelNormalization.FindConflict(Normalization, Groups, [Filters]) is { } message ? (nameof(Groups), message) : null;
    }

    /// <summary>What an episode's loss is computed by.</summary>
    internal PrototypeLoss Loss() => new(Distance, Temperature, SupportInTurn);

    /// <summary>The network that these options describe.</summary>
    /// <param name="inputSize">The length of a row.</param>
    internal EmbeddingArchitecture Architecture(int inputSize) => ImageShape is { } image
        ? new()
        {
            InputSize = inputSize,
            ImageShape = image,
            Filters = Filters,
            Blocks = Blocks,
            Coordinates = Coordinates,
            Normalization = Normalization,
            Groups = Normalization == Normalization.Group ? Groups : 1,
        }
        : new() { InputSize = inputSize, HiddenUnits = HiddenUnits, EmbeddingSize = EmbeddingSize };
}
