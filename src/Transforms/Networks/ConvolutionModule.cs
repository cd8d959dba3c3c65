using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>The four-block convolution of few-shot learning: convolution 3 × 3, normalization, rectifier, maximum over 2 × 2.</summary>
/// <remarks>
/// Vinyals et al., "Matching Networks for One Shot Learning", NIPS 2016; Snell et al., "Prototypical Networks for Few-shot Learning", NIPS 2017,
/// section 3. Maximum and rectifier commute, and the maximum first leaves a quarter of the work; channels-last strides are what
/// libtorch's convolutions are fastest with.
/// </remarks>
internal sealed class ConvolutionModule : EmbeddingModule
{
    public const int KernelSize = 3;

    private readonly ImageShape _shape;
    private readonly TorchSharp.Modules.ModuleList<ConvolutionBlock> blocks = [];

    public ConvolutionModule(EmbeddingArchitecture architecture)
        : base(nameof(ConvolutionModule))
    {
        _shape = architecture.ImageShape!.Value;
        ImageShape input = _shape;
        for (int block = 0; block < architecture.Blocks; block++)
        {
            blocks.Add(new ConvolutionBlock(architecture, input, architecture.Coordinates && block == 0));
            input = new ImageShape(architecture.Filters, input.Height / 2, input.Width / 2);
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor activations = ChannelsLast.Of(input.view(-1, _shape.Channels, _shape.Height, _shape.Width));  // (B, D) -> (B, C, H, W)
        foreach (ConvolutionBlock block in blocks)
            activations = block.forward(activations);
        return activations.flatten(1);  // (B, F, H / 16, W / 16) -> (B, M)
    }
}

/// <summary>One block of a <see cref="ConvolutionModule"/>.</summary>
internal sealed class ConvolutionBlock : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> convolution;
    private readonly Module<Tensor, Tensor>? normalization;

    /// <param name="architecture">The network.</param>
    /// <param name="input">The image that this block is given.</param>
    /// <param name="hasCoordinates">Whether its convolution is given the coordinates too.</param>
    public ConvolutionBlock(EmbeddingArchitecture architecture, ImageShape input, bool hasCoordinates)
        : base(nameof(ConvolutionBlock))
    {
        using DisposeScope scope = NewDisposeScope();  // torch's initialisers leave tensors behind; modules take theirs out of it
        convolution = hasCoordinates ? new CoordConv2d(input, architecture.Filters, ConvolutionModule.KernelSize, padding: 1) : ChannelsLast.Of(Conv2d(input.Channels, architecture.Filters, ConvolutionModule.KernelSize, padding: 1));
        normalization = ChannelNormalization.Create(architecture.Normalization, architecture.Groups, architecture.Filters);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor activations = convolution.forward(input);
        return functional.max_pool2d(normalization?.forward(activations) ?? activations, 2).relu_();
    }
}

/// <summary>Tensors (B, C, H, W) whose channels lie side by side in memory.</summary>
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

    /// <summary>The same convolution with its kernel in this order.</summary>
    public static TorchSharp.Modules.Conv2d Of(TorchSharp.Modules.Conv2d convolution)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        convolution.weight = Parameter(Of(convolution.weight!).clone());  // a parameter must not be a view
        return convolution;
    }
}
