using System.Numerics.Tensors;
using MLNet.Papers.Codes;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.FlowAutoencoder;

/// <summary>
/// f(z) = z + û tanh(w'z + b), equations 10 to 12, with û = u + (m(w'u) - w'u) w / |w|² and m(a) = -1 + softplus(a), so that w'û > -1 (appendix A.1).
/// Parameters: w, u, b.
/// </summary>
/// <remarks>det = 1 + (1 - t²) w'û, computed as t² + (1 - t²) (1 + w'û), whose terms are positive; 1 + w'û is softplus(w'u).</remarks>
internal sealed class PlanarFlow(int size) : Flow(size)
{
    public override int ParameterCount => (2 * Size) + 1;

    // m(w'u) = 0 at w'u = ln(e - 1): û = 0.
    public override void Begin(Random random, Span<float> parameters)
    {
        Span<float> direction = parameters[..Size], move = parameters.Slice(Size, Size);
        for (int i = 0; i < Size; i++)
            direction[i] = GaussianMixture.Normal(random) / MathF.Sqrt(Size);
        TensorPrimitives.Multiply(direction, (float)(InverseOfOne / Math.Max(TensorPrimitives.SumOfSquares<float>(direction), Least)), move);
        parameters[2 * Size] = 0;
    }

    protected override double Move(ReadOnlySpan<float> parameters, Span<float> code)
    {
        ReadOnlySpan<float> direction = parameters[..Size], move = parameters.Slice(Size, Size);
        double product = TensorPrimitives.Dot(direction, move), square = TensorPrimitives.SumOfSquares(direction), divisor = Math.Max(square, Least);
        double positive = Softplus(product), kept = square / divisor;
        float along = (float)((positive - 1 - product) / divisor);
        double t = Math.Tanh(TensorPrimitives.Dot<float>(direction, code) + parameters[2 * Size]);
        TensorPrimitives.MultiplyAdd(move, (float)t, code, code);
        TensorPrimitives.MultiplyAdd(direction, (float)t * along, code, code);
        return Math.Log(Math.Max((t * t) + ((1 - (t * t)) * ((kept * positive) + ((1 - kept) * (1 + product)))), LeastDeterminant));
    }

    protected override (Tensor Codes, Tensor LogDeterminants) Move(Tensor parameters, Tensor codes)
    {
        Tensor direction = parameters.narrow(1, 0, Size), move = parameters.narrow(1, Size, Size), bias = parameters.narrow(1, 2 * Size, 1);
        Tensor product = (direction * move).sum(1, keepdim: true), square = direction.square().sum(1, keepdim: true);
        Tensor divisor = AtLeast(square, Least), kept = square / divisor, positive = TorchSharp.torch.nn.functional.softplus(product);
        Tensor constrained = move + ((positive - product).Plus(-1) / divisor * direction);
        Tensor t = ((direction * codes).sum(1, keepdim: true) + bias).tanh(), squared = t.square(), rest = squared.Times(-1).Plus(1);
        Tensor determinants = squared + (rest * ((kept * positive) + (kept.Times(-1).Plus(1) * product.Plus(1))));
        return (codes + (constrained * t), AtLeast(determinants, LeastDeterminant).log());
    }

    protected override (OnnxValue Codes, OnnxValue LogDeterminants) Move(OnnxGraph graph, OnnxValue parameters, OnnxValue codes)
    {
        OnnxValue direction = graph.Slice(parameters, 1, 0, Size), move = graph.Slice(parameters, 1, Size, 2 * Size),
            bias = graph.Slice(parameters, 1, 2 * Size, ParameterCount), one = graph.Number(1);
        OnnxValue product = Dot(direction, move), square = Dot(direction, direction);
        OnnxValue divisor = graph.Maximum(square, graph.Number((float)Least)), kept = graph.Divide(square, divisor);
        OnnxValue positive = graph.Node("Softplus", [product]);
        OnnxValue along = graph.Divide(graph.Subtract(graph.Subtract(positive, product), one), divisor);
        OnnxValue constrained = graph.Add(move, graph.Multiply(along, direction));
        OnnxValue t = graph.Tanh(graph.Add(Dot(direction, codes), bias)), squared = graph.Multiply(t, t);
        OnnxValue beyond = graph.Add(graph.Multiply(kept, positive), graph.Multiply(graph.Subtract(one, kept), graph.Add(one, product)));
        OnnxValue determinants = graph.Add(squared, graph.Multiply(graph.Subtract(one, squared), beyond));
        return (graph.Add(codes, graph.Multiply(constrained, t)), graph.Node("Log", [graph.Maximum(determinants, graph.Number((float)LeastDeterminant))]));

        OnnxValue Dot(OnnxValue left, OnnxValue right) => graph.Sum(graph.Multiply(left, right), 1, keepsAxis: true);
    }
}
