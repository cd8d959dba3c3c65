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

    /// <summary>Computes it in torch.</summary>
    public Tensor Run(Tensor x) => Of(x);

    /// <summary>Adds it to a graph.</summary>
    public OnnxValue Run(OnnxGraph graph, OnnxValue x) => Of(graph, x);

    /// <summary>Computes it by kernels.</summary>
    /// <param name="values">The values.</param>
    /// <param name="output">Receives the results; may be where the values are.</param>
    public void Run(ReadOnlySpan<float> values, Span<float> output) => Of(values, output);

    private protected abstract Tensor Of(Tensor x);

    private protected abstract OnnxValue Of(OnnxGraph graph, OnnxValue x);

    private protected abstract void Of(ReadOnlySpan<float> values, Span<float> output);
}
