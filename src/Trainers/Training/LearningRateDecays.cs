namespace MLNet.Papers.Training;

/// <summary>The step sizes that <see cref="LearningRateDecay"/> names.</summary>
internal static class LearningRateDecays
{
    /// <summary>The step size of a step.</summary>
    /// <param name="decay">How it falls.</param>
    /// <param name="initial">The step size at the start.</param>
    /// <param name="halvingInterval">Steps after which it is halved, with <see cref="LearningRateDecay.Halving"/>.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="fraction">The part of the training that lies behind it, from 0 to 1.</param>
    public static double Rate(this LearningRateDecay decay, double initial, int halvingInterval, long step, double fraction) => decay switch
    {
        LearningRateDecay.Halving => initial * Math.Pow(0.5, step / halvingInterval),
        LearningRateDecay.Cosine => initial * 0.5 * (1 + Math.Cos(Math.PI * fraction)),
        LearningRateDecay.Tenths => initial * (fraction < 0.5 ? 1 : fraction < 0.75 ? 0.1 : 0.01),
        _ => initial,
    };
}
