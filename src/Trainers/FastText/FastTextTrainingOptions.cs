using Microsoft.ML.SearchSpace;
using MLNet.Papers.FastText;

namespace MLNet.Papers;

/// <summary>
/// What learning word vectors and learning to classify have in common. The defaults are those of the fastText program, but for <see cref="Buckets"/>.
/// </summary>
/// <remarks>
/// Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword Information", TACL 5, 2017, arXiv:1607.04606;
/// Joulin, Grave, Bojanowski and Mikolov, "Bag of Tricks for Efficient Text Classification", EACL 2017, arXiv:1607.01759.
/// A step of the progress is a token: a word, a label or the end of a row. The state goes into the <see cref="LearningOptions.CheckpointFolder"/> after every
/// epoch; with one thread a fit that goes on ends with the model of one that was not interrupted.
/// </remarks>
public abstract class FastTextTrainingOptions : LearningOptions
{
    private protected FastTextTrainingOptions()
    {
    }

    /// <summary>The length of a word's vector. From 1 to 4096. With <see cref="InitialVectors"/> it must be theirs.</summary>
    [TakesMemory, Between(1, 4096), Range(10, 300, init: 100, logBase: true)]
    public int Dimension { get; set; } = 100;

    /// <summary>Random outputs that an example is told apart from, with <see cref="FastTextLoss.NegativeSampling"/>. From 1 to 1000.</summary>
    [Between(1, 1_000)]
    public int NegativeSamples { get; set; } = 5;

    /// <summary>
    /// How many vectors all n-grams share, those of letters and those of words; which one an n-gram has is decided by its hash. At least 1. The published
    /// models have 2,000,000, which at 100 dimensions take 800 MB; 200,000 take 80. Without n-grams none are made.
    /// </summary>
    [TakesMemory, AtLeast(1)]
    public int Buckets { get; set; } = 200_000;

    /// <summary>
    /// How many threads learn at once. From 1 to 1024. They write to the same vectors without waiting for each other: only with 1 does the same seed give the
    /// same model.
    /// </summary>
    [TakesMemory, Between(1, FastTextTraining.MostThreads)]
    public int Threads { get; set; } = 1;

    /// <summary>
    /// A <c>.vec</c> file whose vectors its words begin with, instead of random ones, or null. Words that the text does not have are kept too.
    /// </summary>
    [NotBlank]
    public string? InitialVectors { get; set; }
}
