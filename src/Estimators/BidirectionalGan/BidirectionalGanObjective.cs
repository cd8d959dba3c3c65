namespace MLNet.Papers;

/// <summary>How encoder and generator learn to be each other's inverse (section 4.1).</summary>
public enum BidirectionalGanObjective
{
    /// <summary>The discriminator sees rows with their codes: it shall not tell (x, E(x)) from (G(z), z).</summary>
    BiGan,

    /// <summary>The discriminator sees rows alone, as in an ordinary GAN, and the encoder learns to give back the codes of invented rows.</summary>
    LatentRegressor,

    /// <summary>The same, and the generator helps the encoder: a quarter of its error is in the generator's loss.</summary>
    JointLatentRegressor,
}
