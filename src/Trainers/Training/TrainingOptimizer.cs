namespace MLNet.Papers;

/// <summary>How the weights follow the gradients.</summary>
public enum TrainingOptimizer
{
    /// <summary>Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.</summary>
    Adam,

    /// <summary>Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", JMLR 12, 2011.</summary>
    Adagrad,
}
