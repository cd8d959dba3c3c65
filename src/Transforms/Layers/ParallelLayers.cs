using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>Layers side by side over the same image, whose channels stand one after the other in what they give.</summary>
/// <param name="Parts">The layers; what they give has the same height and width.</param>
[LayerKind(10)]
internal sealed record ParallelLayers(params Layer[] Parts) : Layer
{
    public override bool PoolsChannels => Parts.All(part => part.PoolsChannels);

    public override ImageShape Apply(ImageShape input) => Parts[0].Apply(input) with { Channels = Parts.Sum(part => part.Apply(input).Channels) };

    public override IEnumerable<LayerWeight> Weights(ImageShape input) => Chains(input).SelectMany(chain => chain.AllWeights());

    public override bool Fits(ImageShape input)
    {
        if (Parts.Length is < 1 or > 64 || !Parts.All(part => part?.Fits(input) == true))
            return false;
        ImageShape[] shapes = [.. Parts.Select(part => part.Apply(input))];
        return shapes.All(shape => (shape.Height, shape.Width) == (shapes[0].Height, shapes[0].Width))
            && shapes.Sum(shape => (long)shape.Channels) <= int.MaxValue;
    }

    public override long WorkingValues(ImageShape input) => base.WorkingValues(input) + Parts.Sum(part => part.WorkingValues(input));

    public override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) =>
        cat([.. Chains(input).Select(chain => chain.Forward(x, weight, pass, LayerForm.Images))], dim: 1);

    public override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) =>
        graph.Concatenate(1, [.. Chains(input).Select(chain => chain.ToOnnx(graph, x, weight, LayerForm.Images))]);

    public override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) =>
        plan.AddParallel([.. Chains(input).Select(chain => chain.Plan(weight))]);

    private IEnumerable<LayerChain> Chains(ImageShape input) => Parts.Select((part, index) => new LayerChain(input, [($"{index}", part)]));
}
