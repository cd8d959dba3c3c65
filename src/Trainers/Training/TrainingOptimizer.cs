namespace MLNet.Papers;

/// <summary>How the weights of a network follow the gradients.</summary>
public enum TrainingOptimizer
{
    /// <summary>
    /// Steps scaled by running means of the gradients and of their squares: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
    /// </summary>
    Adam,

    /// <summary>Steps scaled by the sum of all squared gradients, from 1 on: Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and
    /// Stochastic Optimization", JMLR 12, 2011.</summary>
    Adagrad,

    /// <summary>Stochastic gradient descent, with momentum where the options have one.</summary>
    Sgd,
}
