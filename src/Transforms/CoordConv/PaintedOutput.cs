namespace MLNet.Papers;

/// <summary>What a coordinate painter learns to paint (Liu et al. 2018, arXiv:1807.03247, section 4).</summary>
public enum PaintedOutput
{
    /// <summary>One pixel of the image: the output is a softmax over all pixels ("supervised coordinate classification").</summary>
    PixelSoftmax,

    /// <summary>An image of pixels from 0 to 1, each a sigmoid.</summary>
    PixelSigmoid,

    /// <summary>The same by way of a pixel: a softmax over all pixels, and convolutions that paint around it ("supervised rendering").</summary>
    Render,
}
