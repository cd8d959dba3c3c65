using Microsoft.ML.SearchSpace;

namespace MLNet.Papers;

/// <summary>How a vocabulary of word pieces is learned.</summary>
/// <remarks>The <see cref="TechniqueOptions.Seed"/> has no effect: nothing is left to chance.</remarks>
public sealed class WordPieceOptions : WordPieceTextOptions
{
    /// <summary>
    /// The most pieces, the five marks [PAD], [UNK], [CLS], [SEP] and [MASK] counted; there are fewer where the texts have no more to join. From 7 to
    /// 1,000,000.
    /// </summary>
    [Between(7, 1_000_000), Range(2_000, 32_000, init: 8_000, logBase: true)]
    public int VocabularySize { get; set; } = 8_000;

    /// <summary>Which two neighbouring pieces become one next.</summary>
    [Defined]
    public WordPieceMerge Merge { get; set; } = WordPieceMerge.Frequency;

    /// <summary>How often two pieces must stand together in the texts to become one. At least 1.</summary>
    [AtLeast(1)]
    public int MinPairCount { get; set; } = 2;

    /// <summary>
    /// The most different characters, the most frequent; words that have others are unknown. Each is a piece twice, at the beginning of words and inside of
    /// them, and all characters together take at most half of the vocabulary. At least 1.
    /// </summary>
    [AtLeast(1)]
    public int MaxCharacters { get; set; } = 1_000;

    /// <summary>
    /// The most different words that are counted; where there are more, the rarest are forgotten. A word takes about 100 bytes. At least 1.
    /// </summary>
    [AtLeast(1)]
    public int MaxWords { get; set; } = 2_000_000;
}
