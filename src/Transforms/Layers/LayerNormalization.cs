using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>Normalizes the channels of each pixel, or of each place of a sequence (C, T, 1): Ba, Kiros and Hinton 2016, arXiv:1607.06450, as transformers use
/// it.</summary>
/// <param name="Epsilon">Is added to the variance.</param>
[LayerKind(12)]
internal sealed record LayerNormalization(double Epsilon = 1e-5) : Layer
{
    public override IEnumerable<LayerWeight> Weights(ImageShape input) =>
        [new("weight", [input.Channels], WeightUse.Gain), new("bias", [input.Channels], WeightUse.Shift)];

    public override bool Fits(ImageShape input) => Epsilon is > 0 and < 1;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) =>
        nn.functional.layer_norm(x.permute(0, 2, 3, 1), [input.Channels], weight("weight"), weight("bias"), Epsilon).permute(0, 3, 1, 2);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => graph.Transpose(graph.Node(
        "LayerNormalization", [graph.Transpose(x, 0, 2, 3, 1), weight("weight"), weight("bias")], ("axis", -1L), ("epsilon", (float)Epsilon)), 0, 3, 1, 2);

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) => plan.Add(new RowStep(input.Values, () =>
    {
        float[] gain = weight("weight"), shift = weight("bias");
        return (row, output, _) => FusedNormalization.Pixels(row, output, gain, shift, (float)Epsilon);
    }).ByColumns(input.Channels));
}
