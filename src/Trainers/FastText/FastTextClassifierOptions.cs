using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.SearchSpace;
using MLNet.Papers.FastText;

namespace MLNet.Papers;

/// <summary>Options of <see cref="FastTextTrainer"/>.</summary>
/// <remarks>
/// Joulin, Grave, Bojanowski and Mikolov, "Bag of Tricks for Efficient Text Classification", EACL 2017, arXiv:1607.01759. The defaults are those of the
/// fastText program, but for <see cref="FastTextTrainingOptions.Buckets"/>, and for <see cref="Epochs"/> and <see cref="LearningRate"/> where there are few
/// rows.
/// </remarks>
public sealed class FastTextClassifierOptions : FastTextTrainingOptions
{
    /// <summary>
    /// How often the rows are read. At least 1; or 0, which is 5, as in the fastText program, unless <see cref="LearningRate"/> is 0 too and there are fewer
    /// than 4,000 rows a class: then so often that 4,000 are read for each class, at least 5 and at most 100 times. The log says what was chosen.
    /// </summary>
    [AtLeast(0), Range(0, 50, init: 0)]
    public int Epochs { get; set; }

    /// <summary>
    /// The learning rate at the start; it falls to zero with the rows that are read. Greater than 0, the paper chooses from 0.05, 0.1, 0.25 and 0.5; or 0,
    /// which is 0.1, as in the fastText program, unless <see cref="Epochs"/> is 0 too and there are fewer than 4,000 rows a class: then 0.5.
    /// </summary>
    [AtLeast(0), Range(0.0, 1.0, init: 0.0)]
    public double LearningRate { get; set; }

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

    /// <summary>
    /// Rows to validate on after every epoch, with the columns that the trainer uses; null for none. The vectors with the lowest validation loss are kept.
    /// </summary>
    /// <remarks>A <c>SearchSpace</c> that is made of options drops it: set it in the factory of the sweep.</remarks>
    [AnyValue]
    [JsonIgnore]
    public IDataView? Validation { get; set; }

    /// <summary>
    /// The part of the rows, drawn at random, that is not trained on but validated on, if <see cref="Validation"/> is null; the last row of a class is trained
    /// on in any case. From 0 (none) to 0.9.
    /// </summary>
    [Between(0, 0.9)]
    public double ValidationFraction { get; set; }

    /// <summary>
    /// Training stops after so many epochs in a row without a lower validation loss; null never stops early. At least 1; it has no effect without validation.
    /// </summary>
    [AtLeast(1)]
    public int? Patience { get; set; }

    internal override IDataView? RowsToValidateOn => Validation;

    /// <summary>How often rows are read and how fast they are learned from at first, for so many rows and classes that have some.</summary>
    internal (int Epochs, double LearningRate) Schedule(long rows, int classes)
    {
        const int Epochs = 5, MostEpochs = 100, RowsOfAClass = 4_000;
        const double LearningRate = 0.1, FastLearningRate = 0.5;
        long wanted = (long)RowsOfAClass * classes;
        if (this.Epochs > 0 || this.LearningRate > 0 || rows >= wanted)
            return (this.Epochs > 0 ? this.Epochs : Epochs, this.LearningRate > 0 ? this.LearningRate : LearningRate);
        return ((int)Math.Clamp((wanted + rows - 1) / rows, Epochs, MostEpochs), FastLearningRate);
    }

    private protected override (string Property, string Message)? FindConflict() => MaxN > 0 && MinN > MaxN
        ? (nameof(MinN), $"must be at most MaxN = {MaxN}, but was {MinN}.")
        : null;

    internal FastTextArguments ToArguments(int epochs) => new()
    {
        Architecture = FastTextArchitecture.Supervised,
        Dimension = Dimension,
        WindowSize = 5,
        Epochs = epochs,
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
