namespace MLNet.Papers;

/// <summary>Where a training stands; given to <see cref="LearningOptions.Progress"/> about ten times a second and once at the end.</summary>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="Steps">Steps planned; early stopping or a time limit may end training before.</param>
/// <param name="Fraction">The part of the training that is done, from 0 to 1; with a time limit the greater of the parts of steps and time.</param>
/// <param name="Loss">The loss of the last step, in the technique's unit (nats for classification).</param>
/// <param name="ValidationLoss">The last loss on the validation data, or null without validation.</param>
/// <param name="LearningRate">The optimizer's step size in the last step.</param>
/// <param name="Elapsed">Time spent in training so far; includes the time before a resumed training was interrupted.</param>
/// <param name="Remaining">Time until all steps are done, if they go on as fast as on average; at most <see cref="TimeSpan.MaxValue"/>.</param>
public sealed record TrainingProgress(
    long Step, long Steps, double Fraction, double Loss, double? ValidationLoss, double LearningRate, TimeSpan Elapsed, TimeSpan Remaining)
{
    /// <summary>The time until all is done; none where nothing is known yet.</summary>
    internal static TimeSpan RemainingAfter(TimeSpan elapsed, double fraction)
    {
        double ticks = fraction is > 0 and < 1 ? elapsed.Ticks * ((1 - fraction) / fraction) : 0;
        return ticks < long.MaxValue ? TimeSpan.FromTicks((long)ticks) : TimeSpan.MaxValue;
    }
}
