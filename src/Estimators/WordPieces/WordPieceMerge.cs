namespace MLNet.Papers;

/// <summary>Which two neighbouring pieces become one next when a vocabulary of word pieces is learned.</summary>
public enum WordPieceMerge
{
    /// <summary>Those that stand together most often: count(ab). Frequent words become one piece soon.</summary>
    Frequency,

    /// <summary>
    /// Those that stand together most often for how often each occurs: count(ab) / (count(a) · count(b)), by which the likelihood of the texts grows most.
    /// Favours rare pieces that always stand together, so that <see cref="WordPieceOptions.MinPairCount"/> matters much.
    /// </summary>
    Likelihood,
}
