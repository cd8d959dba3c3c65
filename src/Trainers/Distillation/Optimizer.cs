namespace MLNet.Papers;

/// <summary>What changes the weights of a network by their gradients.</summary>
public enum Optimizer
{
    /// <summary>Steps scaled by running means of the gradients and of their squares (Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization",
    /// arXiv:1412.6980).</summary>
    Adam,

    /// <summary>Stochastic gradient descent with momentum.</summary>
    MomentumSgd,
}
