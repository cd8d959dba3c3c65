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
        if (IsApproximate)
            LaneFunction.Run(values, output, default(ByTangent));
        else
            LaneFunction.Run(values, output, default(ByErrorFunction));
    }

    private readonly struct ByTangent : ILaneFunction
    {
        public TLanes Of<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes>
        {
            // (1 + tanh y) / 2 = 1 / (1 + e^-2y)
            TLanes curve = TLanes.MultiplyAdd(x * x, TLanes.Broadcast((float)(2 * Scale * Cubic)), TLanes.Broadcast((float)(2 * Scale))) * x;
            return x * FastSigmoid.Of(curve);
        }
    }

    // 1 - Φ(|x|) is e^(-x²/2) times a polynomial in 1 / (1 + p|x|): Abramowitz and Stegun, "Handbook of Mathematical Functions", 7.1.26, within 8e-8.
    private readonly struct ByErrorFunction : ILaneFunction
    {
        public TLanes Of<TLanes>(TLanes x)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes zero = TLanes.Broadcast(0), size = TLanes.Min(TLanes.Max(x, zero - x), TLanes.Broadcast(40)), one = TLanes.Broadcast(1);
            TLanes t = one / TLanes.MultiplyAdd(size, TLanes.Broadcast(0.23164189f), one);
            TLanes tail = TLanes.Broadcast(0.5307027145f);
            tail = TLanes.MultiplyAdd(tail, t, TLanes.Broadcast(-0.7265760135f));
            tail = TLanes.MultiplyAdd(tail, t, TLanes.Broadcast(0.7107068705f));
            tail = TLanes.MultiplyAdd(tail, t, TLanes.Broadcast(-0.142248368f));
            tail = TLanes.MultiplyAdd(tail, t, TLanes.Broadcast(0.127414796f));
            TLanes power = FastExponential.Of(size * size * TLanes.Broadcast(-0.5f));
            return TLanes.Max(x, zero) - (size * tail * t * power);
        }
    }
}
