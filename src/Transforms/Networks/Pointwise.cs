using static TorchSharp.torch;

namespace MLNet.Papers.Networks;

/// <summary>Convolutions of 1 × 1 as the matrix products that they are: on a CPU faster than torch's convolution, and with the same kernel for every batch size.</summary>
internal static class Pointwise
{
    /// <summary>Convolves images (B, C, H, W) with a kernel (F, C, 1, 1) and a bias (F).</summary>
    public static Tensor Convolve(Tensor images, Tensor weight, Tensor bias)
    {
        Tensor pixels = images.permute(0, 2, 3, 1);  // (B, C, H, W) -> (B, H, W, C)
        return nn.functional.linear(pixels, weight.flatten(1), bias).permute(0, 3, 1, 2);  // -> (B, F, H, W)
    }
}
