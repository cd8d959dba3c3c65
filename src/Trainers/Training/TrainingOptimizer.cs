using MLNet.Papers.Training;
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
    /// <param name="beta2">How much of the mean of squared gradients Adam keeps.</param>
    /// <param name="momentum">How much of the last step gradient descent keeps.</param>
    public static NetworkOptimizer Create(this TrainingOptimizer optimizer, nn.Module network, double beta2 = 0.99, double momentum = 0) => optimizer switch
    {
        TrainingOptimizer.Adagrad => new AdagradOptimizer(network),
        TrainingOptimizer.Sgd => new GradientDescent(network, momentum),
        _ => new AdamOptimizer(network, beta2),
    };
}
