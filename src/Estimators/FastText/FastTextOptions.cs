using Microsoft.ML.SearchSpace;
using MLNet.Papers.FastText;

namespace MLNet.Papers;

/// <summary>Options of <see cref="FastTextEstimator"/>.</summary>
/// <remarks>
/// Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword Information", TACL 5, 2017, arXiv:1607.04606. The defaults are those of the
/// fastText program, but for <see cref="FastTextTrainingOptions.Buckets"/>.
/// </remarks>
public sealed class FastTextOptions : FastTextTrainingOptions
{
    /// <summary>What predicts what: <see cref="FastTextArchitecture.SkipGram"/> or <see cref="FastTextArchitecture.Cbow"/>.</summary>
    [WordVectorArchitecture]
    public FastTextArchitecture Architecture { get; set; } = FastTextArchitecture.SkipGram;

    /// <summary>How often the rows are read. At least 1.</summary>
    [AtLeast(1), Range(1, 50, init: 5, logBase: true)]
    public int Epochs { get; set; } = 5;

    /// <summary>The learning rate at the start; it falls to zero with the rows that are read. Greater than 0.</summary>
    [GreaterThan(0), Range(0.01, 0.1, init: 0.05, logBase: true)]
    public double LearningRate { get; set; } = 0.05;

    /// <summary>How often a word must occur to have a vector of its own. At least 1.</summary>
    [AtLeast(1)]
    public int MinCount { get; set; } = 5;

    /// <summary>How many words the context reaches to either side at most. From 1 to 100.</summary>
    [Between(1, 100), Range(2, 10, init: 5)]
    public int WindowSize { get; set; } = 5;

    /// <summary>The fewest letters in an n-gram, the brackets around a word counted (section 3.2). From 0 to 64.</summary>
    [Between(0, 64)]
    public int MinN { get; set; } = 3;

    /// <summary>The most letters in an n-gram; 0 for none. From 0 to 64, and not below <see cref="MinN"/> unless it is 0.</summary>
    [Between(0, 64)]
    public int MaxN { get; set; } = 6;

    /// <summary>What is learned from a word and its context; one-versus-all is for classifiers.</summary>
    [WordVectorLoss]
    public FastTextLoss Loss { get; set; } = FastTextLoss.NegativeSampling;

    /// <summary>
    /// The share of all tokens above which a word's occurrences are passed over at random, the more often the more frequent it is. Greater than 0.
    /// </summary>
    [GreaterThan(0)]
    public double SamplingThreshold { get; set; } = 1e-4;

    private protected override (string Property, string Message)? FindConflict() => MaxN > 0 && MinN > MaxN
        ? (nameof(MinN), $"must be at most MaxN = {MaxN}, but was {MinN}.")
        : null;

    internal FastTextArguments ToArguments() => new()
    {
        Architecture = Architecture,
        Dimension = Dimension,
        WindowSize = WindowSize,
        Epochs = Epochs,
        MinimumCount = MinCount,
        NegativeSamples = NegativeSamples,
        WordNgrams = 1,
        Loss = Loss,
        Buckets = MaxN > 0 ? Buckets : 0,
        MinNgramLength = MaxN > 0 ? MinN : 0,
        MaxNgramLength = MaxN,
        LearningRateUpdateRate = 100,
        SamplingThreshold = SamplingThreshold,
    };
}

/// <summary>An architecture that makes word vectors.</summary>
internal sealed class WordVectorArchitectureAttribute : RuleAttribute
{
    public override string Requirement => "SkipGram or Cbow";

    public override IEnumerable<object> BrokenBy(Type type) => [FastTextArchitecture.Supervised, (FastTextArchitecture)0];

    private protected override bool Allows(object value) => value is FastTextArchitecture.SkipGram or FastTextArchitecture.Cbow;
}

/// <summary>A loss for word vectors.</summary>
internal sealed class WordVectorLossAttribute : RuleAttribute
{
    public override string Requirement => "NegativeSampling, HierarchicalSoftmax or Softmax";

    public override IEnumerable<object> BrokenBy(Type type) => [FastTextLoss.OneVersusAll, (FastTextLoss)0];

    private protected override bool Allows(object value) => value is FastTextLoss.NegativeSampling or FastTextLoss.HierarchicalSoftmax or FastTextLoss.Softmax;
}
