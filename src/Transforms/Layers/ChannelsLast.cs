using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>Tensors (B, C, H, W) whose channels lie side by side in memory, which is what libtorch's convolutions are fastest with.</summary>
internal static class ChannelsLast
{
    public static Tensor Of(Tensor images)
    {
        if (images.shape[1] > 1)
            return images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        // With one channel both orders are the same memory, and only the strides tell libtorch which one the convolution's output shall have.
        (long height, long width) = (images.shape[2], images.shape[3]);
        // A part of other rows begins where it begins: left out, the place would be that of the first row.
        Tensor dense = images.contiguous();
        return dense.as_strided(images.shape, [height * width, 1, width, 1], dense.storage_offset());
    }
}
