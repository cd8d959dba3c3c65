namespace MLNet.Papers.FastText;

/// <summary>Where a training stands between two epochs.</summary>
internal sealed class FastTextState
{
    /// <summary>Epochs done.</summary>
    public int Epoch { get; set; }

    /// <summary>Tokens that were learned from.</summary>
    public long Tokens { get; set; }

    /// <summary>The loss of all examples before this process took over, and how many they were.</summary>
    public (double Sum, long Examples) LossBefore { get; set; }

    /// <summary>Time spent before this process took over.</summary>
    public TimeSpan Elapsed { get; set; }

    public double? ValidationLoss { get; set; }

    /// <summary>The lowest validation loss so far, and the vectors that had it.</summary>
    public double? BestLoss { get; set; }

    public (float[] Input, float[] Output)? Best { get; set; }

    public int ValidationsSinceBest { get; set; }
}
