using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>The maximum over 2 × 2 pixels; an odd last row or column is left out.</summary>
[LayerKind(4)]
internal sealed record MaximumPooling : Layer
{
    public override bool OwnsOutput => true;

    public override ImageShape Apply(ImageShape input) => input with { Height = input.Height / 2, Width = input.Width / 2 };

    public override bool Fits(ImageShape input) => input.Height >= 2 && input.Width >= 2;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => nn.functional.max_pool2d(x, 2);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => graph.MaximumPooling(x);

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) => plan.Maximize(input);
}
