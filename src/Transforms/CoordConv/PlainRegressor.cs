namespace MLNet.Papers;

/// <summary>
/// The convolutional network that coordinate regression is compared with, without coordinates (Liu et al. 2018, arXiv:1807.03247, section 5).
/// </summary>
public enum PlainRegressor
{
    /// <summary>Four convolutions 3 × 3 with maximum pooling between them, and two dense layers.</summary>
    Pooling,

    /// <summary>Convolutions with strides and batch normalization, and the mean over all pixels.</summary>
    Strides,
}
