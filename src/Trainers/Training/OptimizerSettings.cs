using TorchSharp.Modules;

namespace MLNet.Papers.Training;

/// <summary>Which optimizer moves weights, with its constants.</summary>
internal abstract record OptimizerSettings
{
    /// <summary>The settings that an option names.</summary>
    /// <param name="optimizer">Which one.</param>
    /// <param name="beta2">How much of the mean of squared gradients Adam keeps.</param>
    /// <param name="momentum">How much of the last step gradient descent keeps.</param>
    public static OptimizerSettings Of(TrainingOptimizer optimizer, double beta2 = 0.99, double momentum = 0) => optimizer switch
    {
        TrainingOptimizer.Adagrad => new AdagradSettings(),
        TrainingOptimizer.Sgd => new GradientDescentSettings(momentum),
        _ => new AdamSettings { Beta2 = beta2 },
    };

    /// <summary>The optimizer of some weights, on their device.</summary>
    public abstract NetworkOptimizer Create(IReadOnlyList<(string Name, Parameter Weight)> weights);
}
