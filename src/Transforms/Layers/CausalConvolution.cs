using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>A convolution over a sequence (C, T, 1) in which a place sees itself and those before it: van den Oord et al., "WaveNet", 2016,
/// arXiv:1609.03499.</summary>
/// <param name="Channels">Channels of the output.</param>
/// <param name="KernelSize">Places that it sees.</param>
/// <param name="Dilation">Places from one of them to the next.</param>
[LayerKind(20)]
internal sealed record CausalConvolution(int Channels, int KernelSize, int Dilation = 1) : Layer
{
    public override bool OwnsOutput => true;

    private long Padding => (KernelSize - 1L) * Dilation;

    public override ImageShape Apply(ImageShape input) => input with { Channels = Channels };

    public override IEnumerable<LayerWeight> Weights(ImageShape input) => LayerWeight.KernelAndBias([Channels, input.Channels, KernelSize, 1], Channels);

    public override bool Fits(ImageShape input) =>
        input.Width == 1 && Channels is >= 1 and <= 1 << 16 && KernelSize is >= 1 and <= 1 << 10 && Dilation is >= 1 and <= 1 << 16 && Padding <= 1 << 24;

    public override long WorkingValues(ImageShape input) => base.WorkingValues(input) + (input.Channels * (input.Height + Padding));

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => nn.functional.conv2d(
        ChannelsLast.Of(nn.functional.pad(x, [0, 0, Padding, 0])), weight("weight"), weight("bias"), dilation: [Dilation, 1]);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) =>
        graph.Node("Conv", [x, weight("weight"), weight("bias")], ("pads", new[] { Padding, 0, 0, 0 }), ("dilations", new[] { (long)Dilation, 1 }));

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) =>
        plan.Convolve(Windows.Causal(input, Channels, KernelSize, Dilation), weight);
}
