namespace MLNet.Papers;

/// <summary>How the vectors of a codebook are learned.</summary>
public enum CodebookLearning
{
    /// <summary>Each is the moving mean of what is nearest to it (van den Oord et al. 2017, appendix A.1).</summary>
    MovingAverage,

    /// <summary>By their gradient, towards what is nearest to them (equation 3).</summary>
    Loss,

    /// <summary>They stay as they began, outputs of the untrained encoder: what learning them is compared with.</summary>
    Frozen,
}
