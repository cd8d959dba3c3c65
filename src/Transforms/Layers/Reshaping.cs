using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>The same values as an image of another shape, as an image follows a linear layer.</summary>
/// <param name="Channels">Channels of the image.</param>
/// <param name="Height">Its height.</param>
/// <param name="Width">Its width.</param>
[LayerKind(31)]
internal sealed record Reshaping(int Channels, int Height, int Width) : Layer
{
    public override ImageShape Apply(ImageShape input) => new(Channels, Height, Width);

    public override bool Fits(ImageShape input) =>
        Channels >= 1 && Height >= 1 && Width >= 1 && (Int128)Channels * Height * Width == (Int128)input.Channels * input.Height * input.Width;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) =>
        ChannelsLast.Of(x.flatten(1).view(-1, Channels, Height, Width));

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) =>
        graph.Reshape(x, 0, Channels, Height, Width);

    // A row is its channels one after the other, whatever their sides.
    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) =>
        plan.Add(new RowStep(input.Values, () => (row, output, _) => row.CopyTo(output)));
}
