using System.Numerics.Tensors;
using MLNet.Papers.Codes;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.FlowAutoencoder;

/// <summary>
/// f(z) = z + β h (z - c), h = 1 / (α + r), r = |z - c|, equation 14, with α = softplus(a) and β = -α + softplus(b), so that β > -α (appendix A.2).
/// Parameters: c, a, b.
/// </summary>
/// <remarks>det = (1 + β h)^(L-1) (1 + β α h²), since β h + β h' r with h' = -h² is β α h².</remarks>
internal sealed class RadialFlow(int size) : Flow(size)
{
    public override int ParameterCount => Size + 2;

    // β = 0 where a = b.
    public override void Begin(Random random, Span<float> parameters)
    {
        for (int i = 0; i < Size; i++)
            parameters[i] = GaussianMixture.Normal(random);
        parameters[Size..].Fill((float)InverseOfOne);
    }

    protected override double Move(ReadOnlySpan<float> parameters, Span<float> code)
    {
        ReadOnlySpan<float> centre = parameters[..Size];
        double alpha = Softplus(parameters[Size]), beta = Softplus(parameters[Size + 1]) - alpha;
        double h = 1 / Math.Max(alpha + TensorPrimitives.Distance(code, centre), Least);
        for (int i = 0; i < code.Length; i++)
            code[i] += (float)(beta * h) * (code[i] - centre[i]);
        return ((Size - 1) * Log(1 + (beta * h))) + Log(1 + (beta * alpha * h * h));

        static double Log(double factor) => Math.Log(Math.Max(factor, LeastDeterminant));
    }

    protected override (Tensor Codes, Tensor LogDeterminants) Move(Tensor parameters, Tensor codes)
    {
        Tensor difference = codes - parameters.narrow(1, 0, Size), alpha = TorchSharp.torch.nn.functional.softplus(parameters.narrow(1, Size, 1)),
            beta = TorchSharp.torch.nn.functional.softplus(parameters.narrow(1, Size + 1, 1)) - alpha;
        // The distance has no gradient at the centre itself.
        Tensor distance = difference.square().sum(1, keepdim: true).Plus(1e-12).sqrt(), sum = alpha + distance;
        Tensor h = AtLeast(sum, Least).reciprocal(), share = beta * h;
        return (codes + (share * difference), Log(share).Times(Size - 1) + Log(share * alpha * h));

        static Tensor Log(Tensor share) => AtLeast(share.Plus(1), LeastDeterminant).log();
    }

    protected override (OnnxValue Codes, OnnxValue LogDeterminants) Move(OnnxGraph graph, OnnxValue parameters, OnnxValue codes)
    {
        OnnxValue difference = graph.Subtract(codes, graph.Slice(parameters, 1, 0, Size)), one = graph.Number(1);
        OnnxValue alpha = Softplus(Size), beta = graph.Subtract(Softplus(Size + 1), alpha);
        OnnxValue distance = graph.Node("Sqrt", [graph.Sum(graph.Multiply(difference, difference), 1, keepsAxis: true)]);
        OnnxValue h = graph.Divide(one, graph.Maximum(graph.Add(alpha, distance), graph.Number((float)Least))), share = graph.Multiply(beta, h);
        OnnxValue sides = graph.Multiply(Log(share), graph.Number(Size - 1)), outward = Log(graph.Multiply(graph.Multiply(share, alpha), h));
        return (graph.Add(codes, graph.Multiply(share, difference)), graph.Add(sides, outward));

        OnnxValue Log(OnnxValue share) => graph.Node("Log", [graph.Maximum(graph.Add(one, share), graph.Number((float)LeastDeterminant))]);

        OnnxValue Softplus(int place) => graph.Node("Softplus", [graph.Slice(parameters, 1, place, place + 1)]);
    }
}
