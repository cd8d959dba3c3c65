using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>A function of each value.</summary>
internal abstract record Elementwise : Layer
{
    public sealed override LayerForm Form => LayerForm.Any;

    public sealed override Tensor Forward(Tensor x, ImageShape input, WeightOf<Tensor> weight, Pass pass) => Of(x);

    public sealed override OnnxValue ToOnnx(OnnxGraph graph, OnnxValue x, ImageShape input, WeightOf<OnnxValue> weight) => Of(graph, x);

    public sealed override void Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) =>
        plan.Add(new RowStep(input.Values, () => (row, output, _) => Of(row, output)).ByColumns(input.Channels));

    private protected abstract Tensor Of(Tensor x);

    private protected abstract OnnxValue Of(OnnxGraph graph, OnnxValue x);

    private protected abstract void Of(ReadOnlySpan<float> values, Span<float> output);
}
