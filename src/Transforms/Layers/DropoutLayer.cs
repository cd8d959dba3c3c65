using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>While training, some of the values are 0 and the others the larger for it (Srivastava et al., "Dropout", JMLR 15, 2014); in use, nothing.</summary>
/// <param name="Share">The share of them; at least 0 and less than 1.</param>
[LayerKind(18)]
internal sealed record DropoutLayer(double Share) : Layer
{
    public override LayerForm Form => LayerForm.Any;

    public override bool Fits(ImageShape input) => Share is >= 0 and < 1;

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => pass.IsTraining
        ? new DropoutNoise(Share, pass.Noise ?? throw new InvalidOperationException("A training with dropout needs noise of its own.")).Apply(x)
        : x;

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => x;

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight)
    {
    }
}
