using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>The softmax over all pixels of all channels.</summary>
[LayerKind(8)]
internal sealed record PixelSoftmax : Layer
{
    public override LayerForm Form => LayerForm.Rows;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => nn.functional.softmax(x, 1);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => graph.Softmax(x);

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) => plan.Add(new RowStep(input.Values, () => (row, output, _) =>
    {
        row.CopyTo(output);
        ClassProbabilities.Softmax(output);
    }));
}
