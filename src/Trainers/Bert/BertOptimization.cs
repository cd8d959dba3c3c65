using MLNet.Papers.Training;

namespace MLNet.Papers.Bert;

/// <summary>How the published program moves weights, in pre-training and in fine-tuning alike.</summary>
internal static class BertOptimization
{
    /// <summary>Adam without bias correction, with a decay of the matrices that goes past the gradients' means.</summary>
    /// <param name="weightDecay">What part of a matrix is taken from it at a step, times the step size.</param>
    public static AdamSettings Settings(double weightDecay = 0.01) =>
        new() { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-6, WeightDecay = weightDecay, CorrectsBias = false };

    /// <summary>From 0 along a line, and back to 0 along the line that leads from the start of the training to its end.</summary>
    /// <param name="learningRate">The step size where the lines would meet at the start.</param>
    /// <param name="warmUp">The part of the training in which it rises.</param>
    public static LearningRates Rates(double learningRate, double warmUp) => new(learningRate, LearningRateDecay.Linear, WarmUpPart: warmUp);
}
