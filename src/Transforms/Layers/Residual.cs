using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>The sum of the input and what layers make of it: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv:1512.03385.</summary>
/// <param name="Layers">The layers, one after the other; they keep the shape.</param>
[LayerKind(11)]
internal sealed record Residual(params Layer[] Layers) : Layer
{
    public override bool OwnsOutput => true;

    public override IEnumerable<LayerWeight> Weights(ImageShape input) => Chain(input).AllWeights();

    public override bool Fits(ImageShape input) => Chain(input).FindFault(int.MaxValue) is null && Chain(input).Output == input;

    public override long WorkingValues(ImageShape input) => base.WorkingValues(input) + Chain(input).Steps().Sum(step => step.Layer.WorkingValues(step.Input));

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) =>
        x + Chain(input).Forward(x, weight, pass, LayerForm.Images);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) =>
        graph.Add(x, Chain(input).ToOnnx(graph, x, weight, LayerForm.Images));

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) => plan.AddResidual(Chain(input).Plan(weight));

    private LayerChain Chain(ImageShape input) => new(input, [.. Layers.Select((layer, index) => ($"{index}", layer))]);
}
