using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>One pixel, repeated over an image.</summary>
/// <param name="Height">Height of the image.</param>
/// <param name="Width">Width of the image.</param>
[LayerKind(5)]
internal sealed record Tile(int Height, int Width) : Layer
{
    public override ImageShape Apply(ImageShape input) => input with { Height = Height, Width = Width };

    public override bool Fits(ImageShape input) => input is { Height: 1, Width: 1 } && Height is >= 1 and <= 1 << 16 && Width is >= 1 and <= 1 << 16;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => x.expand(-1, -1, Height, Width);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) =>
        graph.Expand(x, graph.Integers(1, 1, Height, Width));

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight)
    {
        int pixels = Height * Width;
        plan.Add(new RowStep(Apply(input).Values, () => (row, output, _) =>
        {
            for (int channel = 0; channel < row.Length; channel++)
                output.Slice(channel * pixels, pixels).Fill(row[channel]);
        }));
    }
}
