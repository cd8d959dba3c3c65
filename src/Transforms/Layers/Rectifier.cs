using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>The greater of 0 and each value.</summary>
[LayerKind(3)]
internal sealed record Rectifier : Layer
{
    public override LayerForm Form => LayerForm.Any;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => x.relu();

    public override Tensor Overwrite(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => x.relu_();

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => graph.Rectifier(x);

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) => plan.Rectify();
}
