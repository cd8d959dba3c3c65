using Microsoft.ML.SearchSpace;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>The options of every technique that goes through its rows in minibatches, epoch after epoch.</summary>
public abstract class MinibatchOptions : TrainingOptions
{
    private protected MinibatchOptions()
    {
    }

    /// <summary>How often training goes through all rows. At least 1.</summary>
    [AtLeast(1), Range(5, 200, init: 50, logBase: true)]
    public virtual int Epochs { get; set; } = 50;

    /// <summary>Rows of an optimizer step; an epoch spreads its rows evenly over as many batches as are full, so that a batch may have a few more. From 2 to
    /// 4096.</summary>
    [TakesMemory, Between(2, 4096), Range(8, 128, init: 16, logBase: true)]
    public virtual int BatchSize { get; set; } = 16;

    /// <summary>
    /// Rows that go through the network together, the gradients of a batch being summed over them; null for all of the batch. It is what batch normalization
    /// takes its
    /// statistics over, and the memory of a step grows with it on several devices. From 2 to <see cref="BatchSize"/>.
    /// </summary>
    [Between(2, 4096)]
    public int? MicroBatchSize { get; set; }

    /// <summary>Adam's step size at the start. Greater than 0 and at most 1.</summary>
    [LearningRate, Range(1e-4, 2e-2, init: 5e-3, logBase: true)]
    public virtual double LearningRate { get; set; } = 5e-3;

    /// <summary>How the step size falls from <see cref="LearningRate"/>.</summary>
    [Defined]
    public LearningRateDecay LearningRateDecay { get; set; } = LearningRateDecay.Cosine;

    /// <summary>Steps after which the step size is halved each time, with <see cref="LearningRateDecay.Halving"/>. At least 1.</summary>
    [AtLeast(1)]
    public int HalvingInterval { get; set; } = 2_000;

    /// <summary>What the sum of the squares of all kernels is multiplied by and added to the loss. At least 0.</summary>
    [AtLeast(0)]
    public double L2 { get; set; }

    /// <summary>How much of Adam's running mean of squared gradients is kept at a step. From 0 to 0.9999.</summary>
    [Between(0, 0.9999)]
    public double Beta2 { get; set; } = 0.99;

    /// <summary>
    /// The part of the rows, drawn at random, that is not trained on but validated on, if <see cref="TrainingOptions.Validation"/> is null; the last row of a
    /// class is trained on in any case. From 0 (none) to 0.9.
    /// </summary>
    [Between(0, 0.9)]
    public double ValidationFraction { get; set; }

    /// <summary>
    /// Memory for the rows and what is to be learned of them, in MiB; what does not fit goes to a temporary file, which is deleted at the end of the fit. From
    /// 1 to 1048576. A row takes 4·(D + K) bytes, for D features and K targets: 1 for a class, the length of a vector of numbers, and K + 1 for a teacher's
    /// scores of K classes.
    /// </summary>
    [Between(1, 1 << 20)]
    public int CacheMebibytes { get; set; } = 512;

    /// <summary>How weights move.</summary>
    internal virtual OptimizerSettings OptimizerSettings => new AdamSettings { Beta2 = Beta2 };

    /// <summary>How far.</summary>
    internal LearningRates LearningRates => new(LearningRate, LearningRateDecay, HalvingInterval);

    private protected override (string Property, string Message)? FindConflict() => MicroBatchSize > BatchSize
        ? (nameof(MicroBatchSize), FormattableString.Invariant($"must be at most BatchSize = {BatchSize}, but was {MicroBatchSize}."))
        : null;
}

/// <summary>A step size.</summary>
internal sealed class LearningRateAttribute : NumberRuleAttribute
{
    public override string Requirement => "greater than 0 and at most 1";

    private protected override IEnumerable<double> BrokenNumbers => [0, -1, 2];

    private protected override double Largest => 1;

    private protected override bool Allows(double value) => value is > 0 and <= 1;
}
