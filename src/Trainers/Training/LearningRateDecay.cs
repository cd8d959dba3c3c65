namespace MLNet.Papers;

/// <summary>How a step size falls in the course of training.</summary>
public enum LearningRateDecay
{
    /// <summary>It stays as it is.</summary>
    None,

    /// <summary>It is halved after every so many steps.</summary>
    Halving,

    /// <summary>It falls to 0 along half a period of a cosine (Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts").</summary>
    Cosine,

    /// <summary>It is a tenth from the middle of training on, and a hundredth from three quarters on.</summary>
    Tenths,

    /// <summary>It falls to 0 along a line.</summary>
    Linear,
}
