using static TorchSharp.torch;

namespace MLNet.Papers;

/// <summary>How the weights of a network follow the gradients.</summary>
public enum TrainingOptimizer
{
    /// <summary>Steps scaled by running means of the gradients and of their squares: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.</summary>
    Adam,

    /// <summary>Steps scaled by the sum of all squared gradients, from 1 on: Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization",
    /// JMLR 12, 2011.</summary>
    Adagrad,

    /// <summary>Stochastic gradient descent, with momentum where the options have one.</summary>
    Sgd,
}

/// <summary>Makes what <see cref="TrainingOptimizer"/> names.</summary>
internal static class TrainingOptimizers
{
    /// <param name="optimizer">Which one.</param>
    /// <param name="network">The network whose weights it changes.</param>
    /// <param name="learningRate">The step size at the start.</param>
    /// <param name="beta2">How much of the mean of squared gradients Adam keeps.</param>
    /// <param name="momentum">How much of the last step gradient descent keeps.</param>
    public static optim.Optimizer Create(this TrainingOptimizer optimizer, nn.Module network, double learningRate, double beta2 = 0.999, double momentum = 0) => optimizer switch
    {
        TrainingOptimizer.Adagrad => optim.Adagrad(network.parameters(), learningRate, initial_accumulator_value: 1),
        TrainingOptimizer.Sgd => optim.SGD(network.parameters(), learningRate, momentum: momentum),
        _ => optim.Adam(network.parameters(), learningRate, beta2: beta2),
    };
}
