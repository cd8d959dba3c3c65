using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Papers.Networks;

/// <summary>The four-block convolution of few-shot learning: convolution 3 × 3, batch normalization, rectifier, maximum over 2 × 2.</summary>
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
        int channels = _shape.Channels;
        for (int block = 0; block < architecture.Blocks; block++)
        {
            blocks.Add(new ConvolutionBlock(channels, architecture.Filters));
            channels = architecture.Filters;
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
    private readonly TorchSharp.Modules.Conv2d convolution;
    private readonly TorchSharp.Modules.BatchNorm2d normalization;

    public ConvolutionBlock(int channels, int filters)
        : base(nameof(ConvolutionBlock))
    {
        convolution = Conv2d(channels, filters, ConvolutionModule.KernelSize, padding: 1);
        using (no_grad())
            convolution.weight = Parameter(ChannelsLast.Of(convolution.weight!).clone());  // a parameter must not be a view
        normalization = BatchNorm2d(filters);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => functional.max_pool2d(normalization.forward(convolution.forward(input)), 2).relu_();
}

/// <summary>Tensors (B, C, H, W) whose channels lie side by side in memory.</summary>
internal static class ChannelsLast
{
    public static Tensor Of(Tensor images) => images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}
