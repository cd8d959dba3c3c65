namespace MLNet.Papers;

/// <summary>What a decoder says of the numbers of a row. Categories have a likelihood of their own, the softmax over their slots.</summary>
public enum Likelihood
{
    /// <summary>Each number is normal around what the decoder gives, on a scale with mean 0 and deviation 1 over the training rows.</summary>
    Gaussian,

    /// <summary>Each number is from 0 to 1, as the pixels of a drawing are, and the decoder gives the probability of 1.</summary>
    Bernoulli,
}
