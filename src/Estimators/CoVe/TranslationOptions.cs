using Microsoft.ML.SearchSpace;

namespace MLNet.Papers;

/// <summary>Options of <see cref="TranslationEstimator"/>.</summary>
/// <remarks>
/// McCann et al., "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107; Hill et al., "Embedding Word Similarity with Neural
/// Machine Translation", ICLR 2015 workshop, arXiv:1412.6448.
/// </remarks>
public sealed class TranslationOptions : TranslationTrainingOptions
{
    /// <summary>How often a word must occur in the sources to have a vector; others are read as zeros. At least 1.</summary>
    [AtLeast(1)]
    public int MinSourceCount { get; set; } = 2;

    /// <summary>The most source words that have a vector, the most frequent ones. From 1 to 10,000,000.</summary>
    [Between(1, 10_000_000)]
    public int MaxSourceVocabulary { get; set; } = 30_000;

    /// <summary>
    /// The root mean square of the source words' vectors before training. 1, the default, learns to translate fastest; where the vectors themselves are wanted,
    /// 0.1 or less lets what they learn outweigh how they began. From 0.001 to 10.
    /// </summary>
    [Between(0.001, 10)]
    public double InitialVectorScale { get; set; } = 1;

    /// <inheritdoc cref="TranslationOutputOptions.BeamWidth"/>
    [Between(1, 100), Range(1, 10, init: 5)]
    public int BeamWidth { get; set; } = 5;

    /// <inheritdoc cref="TranslationOutputOptions.LengthPenalty"/>
    [Between(0, 2), Range(0.0, 1.0, init: 0.0)]
    public double LengthPenalty { get; set; }

    /// <inheritdoc cref="TranslationOutputOptions.CopyUnknownWords"/>
    [AnyValue]
    public bool CopyUnknownWords { get; set; } = true;

    /// <summary>The outputs that these options describe.</summary>
    internal TranslationOutputOptions Outputs() => Part<TranslationOutputOptions>();
}
