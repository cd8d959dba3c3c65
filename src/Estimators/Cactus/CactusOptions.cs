using Microsoft.ML.SearchSpace;
using MLNet.Papers.Networks;

namespace MLNet.Papers;

/// <summary>Options of <see cref="CactusEstimator"/>.</summary>
/// <remarks>
/// Hsu, Levine and Finn, "Unsupervised Learning via Meta-Learning", ICLR 2019, arXiv:1810.02334. Ways, Shots and QueriesPerClass are those of the constructed
/// tasks; the paper trains with one shot whatever the shots in use.
/// </remarks>
public sealed class CactusOptions : MetaLearningOptions
{
    /// <summary>
    /// A column with an embedding of each row, a vector of Single of known length, as any other transform makes it: its space is clustered then. Null for
    /// <see cref="Embedding"/>.
    /// </summary>
    [NotBlank]
    public string? EmbeddingColumnName { get; set; }

    /// <summary>
    /// What is learned from the rows to be clustered, if <see cref="EmbeddingColumnName"/> is null. The paper has ACAI with 256 numbers for Omniglot.
    /// </summary>
    [Defined]
    public CactusEmbedding Embedding { get; set; } = CactusEmbedding.PrincipalComponents;

    /// <summary>
    /// How often an autoencoder goes through all rows, with <see cref="CactusEmbedding.Autoencoder"/> or <see cref="CactusEmbedding.Acai"/>. At least 1.
    /// </summary>
    [AtLeast(1)]
    public int EmbeddingEpochs { get; set; } = 30;

    /// <summary>Length of the embedding that is clustered; of principal components at most that of a row. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096), Range(16, 256, init: 64, logBase: true)]
    public int EmbeddingSize { get; set; } = 64;

    /// <summary>How rows are parted into pretended classes.</summary>
    [Defined]
    public CactusPartitioning Partitioning { get; set; } = CactusPartitioning.Clusters;

    /// <summary>
    /// P, partitions; each task is made from one of them, drawn at random. From 1 to 10000; the paper has 100 for Omniglot and 50 for miniImageNet.
    /// </summary>
    [Between(1, 10_000), Range(1, 128, init: 50, logBase: true)]
    public int Partitions { get; set; } = 50;

    /// <summary>
    /// k, clusters of a partition, or groups of a random one; fewer, which the log says, where the rows do not suffice for so many. At least 2, and not below
    /// <see cref="FewShotOptions.Ways"/>; the paper has 500.
    /// </summary>
    [AtLeast(2), Range(64, 1000, init: 500, logBase: true)]
    public int Clusters { get; set; } = 500;

    /// <summary>
    /// How often k-means starts anew for a partition, the best run being kept; null for 10 where there is one partition, and 1 otherwise, as in the paper. At
    /// least 1.
    /// </summary>
    [AtLeast(1)]
    public int? ClusteringRestarts { get; set; }

    /// <summary>Most iterations of k-means. At least 1; the paper has 3,000.</summary>
    [AtLeast(1)]
    public int MaxClusteringIterations { get; set; } = 300;

    /// <summary>
    /// The part of the clusters that must have enough rows for a task; a partition with fewer is clustered again, and at last with half as many clusters. From
    /// 0 to 1.
    /// </summary>
    [Between(0, 1)]
    public double MinimumUsableClusters { get; set; } = 0.75;

    /// <summary>The distance from a hyperplane below which a row takes no part, with <see cref="CactusPartitioning.Hyperplanes"/>. At least 0.</summary>
    [AtLeast(0)]
    public double Margin { get; set; }

    /// <summary>What learns from the tasks.</summary>
    [Defined]
    public CactusLearner Learner { get; set; } = CactusLearner.PrototypicalNetwork;

    /// <summary>Optimizer steps. At least 1; the paper has 30,000 for Omniglot.</summary>
    [AtLeast(1), Range(500, 30_000, init: 2_000, logBase: true)]
    public int Steps { get; set; } = 2_000;

    /// <summary>
    /// What distances are divided by before the softmax, with <see cref="CactusLearner.PrototypicalNetwork"/>; the paper has 1. Greater than 0.
    /// </summary>
    [GreaterThan(0)]
    public double Temperature { get; set; } = 1;

    /// <summary>
    /// Whether every example of an episode is support in turn, as in <see cref="PrototypicalNetworkOptions.SupportInTurn"/>. Not in the paper.
    /// </summary>
    [TakesMemory, AnyValue]
    public bool SupportInTurn { get; set; }

    /// <summary>Length of the feature vector of a prototypical network, without <see cref="FewShotOptions.ImageShape"/>. From 1 to 65536.</summary>
    [TakesMemory, Between(1, 65_536), Range(16, 256, init: 64, logBase: true)]
    public int FeatureCount { get; set; } = 64;

    /// <summary>The prototypical network that these options describe.</summary>
    /// <param name="inputSize">The length of a row.</param>
    internal EmbeddingArchitecture PrototypeArchitecture(int inputSize) => ImageShape is { } image
        ? new() { InputSize = inputSize, ImageShape = image, Filters = Filters, Blocks = Blocks, Normalization = Normalization.Batch }
        : new() { InputSize = inputSize, HiddenUnits = HiddenUnits, EmbeddingSize = FeatureCount };

    private protected override (string Property, string Message)? FindConflict() =>
        base.FindConflict() is { } conflict ? conflict
        : Validation is not null
            ? (nameof(Validation), "must be null: without labels there is nothing to validate on, and the number of steps is fixed in advance.")
        : Partitioning != CactusPartitioning.Hyperplanes && Clusters < Ways
            ? (nameof(Clusters), FormattableString.Invariant($"must be at least Ways = {Ways}, but was {Clusters}."))
        : Learner == CactusLearner.Maml ? FindMamlConflict()
        : null;
}
