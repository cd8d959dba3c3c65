using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>Convolutions of 1 × 1.</summary>
internal static class Pointwise
{
    private const int LeastConvolved = 16;

    /// <summary>Convolves images (B, C, H, W) with a kernel (F, C, 1, 1) and a bias (F).</summary>
    /// <remarks>
    /// For few images or one filter it is done as the matrix product that it is: on one thread libtorch has no fast kernel for the first, and for the second its kernel
    /// took four times as long.
    /// </remarks>
    public static Tensor Convolve(Tensor images, Tensor weight, Tensor bias)
    {
        if (images.shape[0] >= LeastConvolved && weight.shape[0] > 1)
            return nn.functional.conv2d(images, weight, bias);
        Tensor pixels = images.permute(0, 2, 3, 1);  // (B, C, H, W) -> (B, H, W, C)
        return nn.functional.linear(pixels, weight.flatten(1), bias).permute(0, 3, 1, 2);  // -> (B, F, H, W)
    }
}
