using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Layers;

/// <summary>x Φ(x) of each value, Φ being the normal distribution's: Hendrycks and Gimpel 2016, arXiv:1606.08415.</summary>
/// <param name="IsApproximate">Whether Φ is computed by a hyperbolic tangent, as the paper's section 2 has it.</param>
[LayerKind(13)]
internal sealed record Gelu(bool IsApproximate = false) : Elementwise
{
    private const double Cubic = 0.044715;

    private static readonly double Scale = Math.Sqrt(2 / Math.PI);

    // There is no vectorised error function.
    public override bool Join(FusedPlan plan, ImageShape input, WeightOf<float[]> weight) => IsApproximate && base.Join(plan, input, weight);

    private protected override Tensor Of(Tensor x) => IsApproximate
        ? x.Times(0.5) * (x + (x * x * x).Times(Cubic)).Times(Scale).tanh().Plus(1.0)
        : TorchSharp.torch.nn.functional.gelu(x);

    private protected override OnnxValue Of(OnnxGraph graph, OnnxValue x)
    {
        OnnxValue cube = graph.Multiply(graph.Multiply(x, graph.Multiply(x, x)), graph.Number((float)Cubic));
        OnnxValue curve = IsApproximate
            ? graph.Tanh(graph.Multiply(graph.Add(x, cube), graph.Number((float)Scale)))
            : graph.Node("Erf", [graph.Multiply(x, graph.Number((float)Math.Sqrt(0.5)))]);
        return graph.Multiply(graph.Multiply(x, graph.Number(0.5f)), graph.Add(curve, graph.Number(1)));
    }

    private protected override void Of(ReadOnlySpan<float> values, Span<float> output)
    {
        for (int i = 0; i < values.Length; i++)
        {
            float x = values[i];
            output[i] = 0.5f * x * (1 + MathF.Tanh((float)Scale * (x + ((float)Cubic * x * x * x))));
        }
    }
}
