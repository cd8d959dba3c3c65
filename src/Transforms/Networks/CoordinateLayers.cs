namespace MLNet.Papers;

/// <summary>Which convolutions of a network are given the coordinates of the pixel they look at.</summary>
/// <remarks>Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247.</remarks>
public enum CoordinateLayers
{
    /// <summary>None: a plain convolutional network.</summary>
    None,

    /// <summary>The first one.</summary>
    First,

    /// <summary>All of them.</summary>
    All,
}
