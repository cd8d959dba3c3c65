using Microsoft.ML.SearchSpace;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>How a network that predicts words is trained: the options that techniques which learn from texts share.</summary>
public abstract class LanguageTrainingOptions : TrainingOptions
{
    private protected LanguageTrainingOptions()
    {
    }

    /// <summary>
    /// Words that a step draws to tell the right ones from (sampled softmax); 0, or as many as there are words, for the full softmax. At least 0.
    /// </summary>
    [AtLeast(0)]
    public int NegativeSamples { get; set; }

    /// <summary>How the weights follow the gradients. Adagrad begins with an accumulator of 1.</summary>
    [Defined]
    public TrainingOptimizer Optimizer { get; set; } = TrainingOptimizer.Adam;

    /// <summary>
    /// The step size at the start. Published are 0.2 for ELMo with Adagrad and 1 for CoVe with gradient descent. Greater than 0 and at most 1.
    /// </summary>
    [LearningRate, Range(5e-4, 1e-2, init: 2e-3, logBase: true)]
    public double LearningRate { get; set; } = 2e-3;

    /// <summary>How the step size falls from <see cref="LearningRate"/> with the steps; the published training of ELMo leaves it.</summary>
    [Defined]
    public LearningRateDecay LearningRateDecay { get; set; } = LearningRateDecay.Cosine;

    /// <summary>Steps after which the step size is halved each time, with <see cref="LearningRateDecay.Halving"/>. At least 1.</summary>
    [AtLeast(1)]
    public int HalvingInterval { get; set; } = 2_000;

    /// <summary>The step sizes.</summary>
    internal LearningRates LearningRates => new(LearningRate, LearningRateDecay, HalvingInterval);
}
