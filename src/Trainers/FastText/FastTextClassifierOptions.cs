using Microsoft.ML.SearchSpace;
using MLNet.Papers.FastText;

namespace MLNet.Papers;

/// <summary>Options of <see cref="FastTextTrainer"/>.</summary>
/// <remarks>
/// Joulin, Grave, Bojanowski and Mikolov, "Bag of Tricks for Efficient Text Classification", EACL 2017, arXiv:1607.01759. The defaults are those of the
/// fastText program, but for <see cref="FastTextTrainingOptions.Buckets"/>.
/// </remarks>
public sealed class FastTextClassifierOptions : FastTextTrainingOptions
{
    /// <summary>
    /// The learning rate at the start; it falls to zero with the rows that are read. Greater than 0; the paper chooses from 0.05, 0.1, 0.25 and 0.5.
    /// </summary>
    [GreaterThan(0), Range(0.05, 1.0, init: 0.1, logBase: true)]
    public double LearningRate { get; set; } = 0.1;

    /// <summary>How often a word must occur to have a vector of its own. At least 1.</summary>
    [AtLeast(1)]
    public int MinCount { get; set; } = 1;

    /// <summary>The most words in an n-gram of words (section 2.1); 1 for none. From 1 to 10.</summary>
    [Between(1, 10), Range(1, 3, init: 1)]
    public int WordNgrams { get; set; } = 1;

    /// <summary>The fewest letters in an n-gram of letters, the brackets around a word counted. From 0 to 64.</summary>
    [Between(0, 64)]
    public int MinN { get; set; }

    /// <summary>The most letters in an n-gram of letters; 0 for none. From 0 to 64, and not below <see cref="MinN"/> unless it is 0.</summary>
    [Between(0, 64)]
    public int MaxN { get; set; }

    /// <summary>What is learned from a row. Rows with several labels need <see cref="FastTextLoss.OneVersusAll"/>.</summary>
    [Defined]
    public FastTextLoss Loss { get; set; } = FastTextLoss.Softmax;

    private protected override (string Property, string Message)? FindConflict() => MaxN > 0 && MinN > MaxN
        ? (nameof(MinN), $"must be at most MaxN = {MaxN}, but was {MinN}.")
        : null;

    internal FastTextArguments ToArguments() => new()
    {
        Architecture = FastTextArchitecture.Supervised,
        Dimension = Dimension,
        WindowSize = 5,
        Epochs = Epochs,
        MinimumCount = MinCount,
        NegativeSamples = NegativeSamples,
        WordNgrams = WordNgrams,
        Loss = Loss,
        Buckets = WordNgrams > 1 || MaxN > 0 ? Buckets : 0,
        MinNgramLength = MaxN > 0 ? MinN : 0,
        MaxNgramLength = MaxN,
        LearningRateUpdateRate = 100,
        SamplingThreshold = 1e-4,
    };
}
