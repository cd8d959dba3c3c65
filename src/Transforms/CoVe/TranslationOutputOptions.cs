using Microsoft.ML.SearchSpace;
using MLNet.Papers.CoVe;

namespace MLNet.Papers;

/// <summary>How a <see cref="TranslationTransformer"/> looks for translations.</summary>
/// <remarks>
/// McCann et al., "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107. The <see cref="TechniqueOptions.Seed"/> has no effect.
/// </remarks>
public sealed class TranslationOutputOptions : TechniqueOptions
{
    /// <summary>
    /// How many beginnings of a translation are kept at each word (beam search); with 1, the most probable word is taken each time (greedy). From 1 to 100.
    /// </summary>
    [Between(1, DecoderArchitecture.MostBeginnings), Range(1, 10, init: 5)]
    public int BeamWidth { get; set; } = 5;

    /// <summary>
    /// The log probability of a translation is divided by its length to the power of this before translations are compared; 0 leaves it, as published. From 0
    /// to 2.
    /// </summary>
    [Between(0, 2), Range(0.0, 1.0, init: 0.0)]
    public double LengthPenalty { get; set; }

    /// <summary>
    /// Whether the source token that is attended to most stands for a word that the model does not know; otherwise it is written as <c>&lt;unk&gt;</c>.
    /// </summary>
    [AnyValue]
    public bool CopyUnknownWords { get; set; } = true;
}
