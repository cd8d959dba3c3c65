using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>A convolution whose windows have gaps, with zeros around the image, so that without a stride it keeps its size: Yu and Koltun 2016,
/// arXiv:1511.07122.</summary>
/// <param name="Channels">Channels of the output.</param>
/// <param name="KernelSize">Height and width of the windows, in pixels that are seen; odd.</param>
/// <param name="Dilation">Pixels from one that is seen to the next.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
[LayerKind(21)]
internal sealed record DilatedConvolution(int Channels, int KernelSize, int Dilation = 2, int Stride = 1) : Layer
{
    public override bool OwnsOutput => true;

    private long Padding => KernelSize / 2 * (long)Dilation;

    public override ImageShape Apply(ImageShape input) => new(Channels, ((input.Height - 1) / Stride) + 1, ((input.Width - 1) / Stride) + 1);

    public override IEnumerable<LayerWeight> Weights(ImageShape input) =>
        LayerWeight.KernelAndBias([Channels, input.Channels, KernelSize, KernelSize], Channels);

    public override bool Fits(ImageShape input) =>
        Channels is >= 1 and <= 1 << 16 && KernelSize is >= 1 and <= 99 && KernelSize % 2 == 1 && Dilation is >= 1 and <= 1 << 10 && Stride is >= 1 and <= 16;

    public override long WorkingValues(ImageShape input) =>
        base.WorkingValues(input) + (input.Channels * (input.Height + (2 * Padding)) * (input.Width + (2 * Padding)));

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) =>
        nn.functional.conv2d(x, weight("weight"), weight("bias"), [Stride, Stride], [Padding, Padding], [Dilation, Dilation]);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => graph.Node(
        "Conv", [x, weight("weight"), weight("bias")],
        ("strides", new[] { (long)Stride, Stride }), ("pads", new[] { Padding, Padding, Padding, Padding }), ("dilations", new[] { (long)Dilation, Dilation }));

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) =>
        plan.Convolve(Windows.Centred(input, Channels, KernelSize, Stride, Dilation), weight);
}
