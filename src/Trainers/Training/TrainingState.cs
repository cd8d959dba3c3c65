namespace MLNet.Papers.Training;

/// <summary>Where a training loop stands between two steps.</summary>
internal sealed class TrainingState
{
    /// <summary>Steps done.</summary>
    public long Step { get; set; }

    /// <summary>The lowest validation loss so far, and the weights that had it.</summary>
    public double? BestLoss { get; set; }

    public NetworkSnapshot? Best { get; set; }

    public int ValidationsSinceBest { get; set; }

    public double? ValidationLoss { get; set; }

    /// <summary>Time spent before this process took over.</summary>
    public TimeSpan Elapsed { get; set; }
}
