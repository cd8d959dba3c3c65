using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>A convolution with zeros around the image, so that without a stride it keeps its size. It may know where in the image it looks: the coordinates of
/// each pixel, as <see cref="CoordinateChannels"/> has them, are channels after those of the input.</summary>
/// <remarks>
/// Coordinates: Liu et al. 2018, arXiv:1807.03247, section 3. (B, C, H, W) to (B, F, H', W'); (C + d) · F · k² + F parameters with d = 0, 2, or 3 with the
/// radius. With the weights of the coordinates at 0 it is an ordinary convolution.
/// </remarks>
/// <param name="Channels">F.</param>
/// <param name="KernelSize">k, the height and width of the windows; odd.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
/// <param name="Coordinates">Whether it is given the coordinates of each pixel.</param>
/// <param name="WithRadius">Whether these are three, with the radius.</param>
[LayerKind(0)]
internal sealed record Convolution(int Channels, int KernelSize, int Stride = 1, bool Coordinates = false, bool WithRadius = false) : Layer
{
    private const int LeastConvolved = 16;

    public override bool OwnsOutput => true;

    private int CoordinateCount => Coordinates ? CoordinateChannels.Count(WithRadius) : 0;

    public override ImageShape Apply(ImageShape input) => new(Channels, Reduced(input.Height), Reduced(input.Width));

    public override IEnumerable<LayerWeight> Weights(ImageShape input)
    {
        foreach (LayerWeight weight in LayerWeight.KernelAndBias([Channels, input.Channels + CoordinateCount, KernelSize, KernelSize], Channels))
            yield return weight;
        if (Coordinates)
        {
            yield return new("coordinates", [1, CoordinateCount, input.Height, input.Width], WeightUse.Constant)
            {
                Constant = () => CoordinateChannels.Of(input.Height, input.Width, WithRadius),
            };
        }
    }

    public override bool Fits(ImageShape input) =>
        Channels is >= 1 and <= 1 << 16 && KernelSize is >= 1 and <= 99 && KernelSize % 2 == 1 && Stride is >= 1 and <= 16;

    public override long WorkingValues(ImageShape input) =>
        base.WorkingValues(input) + (Coordinates ? (input with { Channels = input.Channels + (2 * CoordinateCount) }).Values : 0);

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass)
    {
        if (Coordinates)
        {
            Tensor place = weight("coordinates").expand(x.shape[0], -1, -1, -1);  // (1, d, H, W) -> (B, d, H, W)
            x = ChannelsLast.Of(cat([x, place], dim: 1));  // costs nothing unless the input was in torch's usual order
        }

        Tensor kernel = weight("weight"), bias = weight("bias");
        return KernelSize == 1 && Stride == 1 ? Pointwise(x, kernel, bias)
            : nn.functional.conv2d(x, kernel, bias, [Stride, Stride], [KernelSize / 2, KernelSize / 2]);
    }

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => graph.Convolution(
        Coordinates ? graph.WithCoordinates(x, input, WithRadius) : x, weight("weight"), weight("bias"), Stride, KernelSize / 2);

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) => plan.Convolve(
        Windows.Centred(input, Channels, KernelSize, Stride, coordinates: CoordinateCount), weight,
        Coordinates ? () => CoordinateChannels.Of(input.Height, input.Width, WithRadius) : null);

    // For few images or one filter it is done as the matrix product that it is: on one thread libtorch has no fast kernel for the first, and for the second its
    // kernel took four times as long.
    private static Tensor Pointwise(Tensor images, Tensor kernel, Tensor bias)
    {
        if (images.shape[0] >= LeastConvolved && kernel.shape[0] > 1)
            return nn.functional.conv2d(images, kernel, bias);
        Tensor pixels = images.permute(0, 2, 3, 1);  // (B, C, H, W) -> (B, H, W, C)
        return nn.functional.linear(pixels, kernel.flatten(1), bias).permute(0, 3, 1, 2);  // -> (B, F, H, W)
    }

    private int Reduced(int length) => ((length - 1) / Stride) + 1;
}
