using System.Text.Json.Serialization;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>A linear layer over all values of the image; gives an image of one pixel.</summary>
/// <param name="Units">How many numbers it gives.</param>
[LayerKind(9)]
internal sealed record Dense([property: JsonPropertyName("Channels")] int Units) : Layer
{
    public override LayerForm Form => LayerForm.Rows;

    public override bool OwnsOutput => true;

    public override ImageShape Apply(ImageShape input) => new(Units, 1, 1);

    public override IEnumerable<LayerWeight> Weights(ImageShape input) => LayerWeight.KernelAndBias([Units, input.Values], Units);

    public override bool Fits(ImageShape input) => Units is >= 1 and <= 1 << 20;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => nn.functional.linear(x, weight("weight"), weight("bias"));

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) =>
        graph.Linear(x, weight("weight"), weight("bias"));

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) => plan.Multiply(input.Values, Units, weight);
}
