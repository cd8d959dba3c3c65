using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>A transposed convolution that makes the image <paramref name="Stride"/> times as high and wide.</summary>
/// <param name="Channels">Channels of the output.</param>
/// <param name="KernelSize">Height and width of the windows, at least the stride.</param>
/// <param name="Stride">Pixels of the output from one window to the next.</param>
[LayerKind(1)]
internal sealed record TransposedConvolution(int Channels, int KernelSize, int Stride = 2) : Layer
{
    public override bool OwnsOutput => true;

    // Output = (input - 1) · stride - 2 · padding + kernel + extra = input · stride.
    private long Padding => (KernelSize - Stride + 1) / 2;

    private long Extra => (2 * Padding) - (KernelSize - Stride);

    public override ImageShape Apply(ImageShape input) => new(Channels, checked(input.Height * Stride), checked(input.Width * Stride));

    public override IEnumerable<LayerWeight> Weights(ImageShape input) =>
        LayerWeight.KernelAndBias([input.Channels, Channels, KernelSize, KernelSize], Channels);

    public override bool Fits(ImageShape input) => Channels is >= 1 and <= 1 << 16 && Stride is >= 1 and <= 16 && KernelSize is <= 99 && KernelSize >= Stride
        && (Stride > 1 || KernelSize % 2 == 1) && (long)input.Height * Stride <= int.MaxValue && (long)input.Width * Stride <= int.MaxValue;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) =>
        nn.functional.conv_transpose2d(x, weight("weight"), weight("bias"), [Stride, Stride], [Padding, Padding], [Extra, Extra]);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) =>
        graph.Deconvolution(x, weight("weight"), weight("bias"), Stride, Padding, Extra);

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) =>
        plan.Convolve(Windows.Transposed(input, Channels, KernelSize, Stride, (int)Padding), weight);
}
