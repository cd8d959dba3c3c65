using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>Each pixel several times in both directions.</summary>
/// <param name="Factor">How many times.</param>
[LayerKind(19)]
internal sealed record NearestUpsampling(int Factor = 2) : Layer
{
    public override bool OwnsOutput => true;

    public override ImageShape Apply(ImageShape input) => input with { Height = checked(input.Height * Factor), Width = checked(input.Width * Factor) };

    public override bool Fits(ImageShape input) =>
        Factor is >= 1 and <= 64 && (long)input.Height * Factor <= int.MaxValue && (long)input.Width * Factor <= int.MaxValue;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) =>
        nn.functional.interpolate(x, scale_factor: [Factor, Factor], mode: InterpolationMode.Nearest);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => graph.Node(
        "Resize", [x, graph.Weight("region", [0], () => []), graph.Weight("scales", [4], () => [1, 1, Factor, Factor])],
        ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor"));

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight)
    {
        int width = input.Width, wide = width * Factor;
        plan.Add(new RowStep(Apply(input).Values, () => (row, output, _) =>
        {
            for (int line = 0; line < row.Length / width; line++)
            {
                Span<float> first = output.Slice(line * Factor * wide, wide);
                for (int x = 0; x < wide; x++)
                    first[x] = row[(line * width) + (x / Factor)];
                for (int copy = 1; copy < Factor; copy++)
                    first.CopyTo(output[(((line * Factor) + copy) * wide)..]);
            }
        }));
    }
}
