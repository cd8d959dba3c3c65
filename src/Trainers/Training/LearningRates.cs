namespace MLNet.Papers.Training;

/// <summary>The step sizes of a training.</summary>
/// <param name="Initial">The step size at the start, after the warm-up.</param>
/// <param name="Decay">How it falls.</param>
/// <param name="HalvingInterval">Steps after which it is halved, with <see cref="LearningRateDecay.Halving"/>.</param>
/// <param name="WarmUpSteps">Steps in which it first rises from nothing along a line (Goyal et al., "Accurate, Large Minibatch SGD", 2017); 0 for none.</param>
/// <param name="WarmUpPart">
/// The part of the training in which it first rises from 0 along a line, up to the initial step size; then it falls as if there had been none, as in BERT's
/// published training. From 0 to below 1.
/// </param>
internal sealed record LearningRates(
    double Initial, LearningRateDecay Decay, int HalvingInterval = 1, long WarmUpSteps = 0, double WarmUpPart = 0)
{
    /// <summary>The step size of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="fraction">The part of the training that lies behind it, from 0 to 1.</param>
    public double At(long step, double fraction)
    {
        if (fraction < WarmUpPart)
            return Initial * (fraction / WarmUpPart);
        double warmth = step < WarmUpSteps ? (step + 1.0) / WarmUpSteps : 1;
        return warmth * Initial * Decay switch
        {
            LearningRateDecay.Halving => Math.Pow(0.5, step / HalvingInterval),
            LearningRateDecay.Cosine => 0.5 * (1 + Math.Cos(Math.PI * fraction)),
            LearningRateDecay.Linear => 1 - fraction,
            LearningRateDecay.Tenths => fraction < 0.5 ? 1 : fraction < 0.75 ? 0.1 : 0.01,
            _ => 1,
        };
    }
}
