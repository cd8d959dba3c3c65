namespace MLNet.Papers;

/// <summary>How CACTUs learns the space that it clusters, where that is not a column of the data.</summary>
public enum CactusEmbedding
{
    /// <summary>The first principal components, by ML.NET's own transform.</summary>
    PrincipalComponents,

    /// <summary>The code of an autoencoder with the squared error as its loss.</summary>
    Autoencoder,

    /// <summary>
    /// The code of an adversarially constrained autoencoder: what it makes of interpolated codes must look to a critic like what it makes of codes (Berthelot,
    /// Raffel, Roy and Goodfellow, "Understanding and Improving Interpolation in Autoencoders via an Adversarial Regularizer", ICLR 2019, arXiv:1807.07543).
    /// </summary>
    Acai,
}
