using System.Numerics.Tensors;
using MLNet.Papers.Codes;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.FlowAutoencoder;

/// <summary>Codes that are z_K, what a flow makes of z_0: of its mean, where a row is encoded.</summary>
internal sealed class FlowCodes(FlowModel model) : VectorCodes(model.Size)
{
    /// <summary>Between these a logarithm of a deviation is held, so that no deviation is 0 or beyond all numbers.</summary>
    public const double LeastLogDeviation = -7, MostLogDeviation = 5;

    public override int EncodedSize => model.EncodedSize;

    public override void ToLatent(ReadOnlySpan<float> encoded, Span<float> latent)
    {
        encoded[..model.Size].CopyTo(latent);
        model.Flow.Run(model.ParametersOf(encoded), latent);
    }

    public override OnnxValue ToLatent(OnnxGraph graph, OnnxValue encoded) =>
        model.Flow.Run(graph, Parameters(graph, encoded), model.Length, graph.Slice(encoded, 1, 0, model.Size)).Codes;

    /// <summary>A code of a row that is drawn.</summary>
    /// <param name="encoded">What the encoder gave.</param>
    /// <param name="noise">L numbers from N(0, 1).</param>
    /// <param name="latent">Receives z_K.</param>
    /// <returns>ln q_K(z_K) - ln p(z_K): the row's divergence is the mean of it.</returns>
    public double Draw(ReadOnlySpan<float> encoded, ReadOnlySpan<float> noise, Span<float> latent)
    {
        double sum = 0;
        for (int i = 0; i < latent.Length; i++)
        {
            double log = LogDeviation(encoded, i);
            latent[i] = (float)(encoded[i] + (Math.Exp(log) * noise[i]));
            sum -= log + (0.5 * noise[i] * noise[i]);
        }

        return sum - model.Flow.Run(model.ParametersOf(encoded), latent) + (0.5 * TensorPrimitives.SumOfSquares<float>(latent));
    }

    /// <summary>The same in a graph: codes (B, L) of what the encoder gives and noise (B, L), and the divergences (B, 1).</summary>
    public (OnnxValue Codes, OnnxValue Divergences) Draw(OnnxGraph graph, OnnxValue encoded, OnnxValue noise)
    {
        int size = model.Size;
        OnnxValue logs = graph.Node(
            "Clip", [graph.Slice(encoded, 1, size, 2 * size), graph.Number((float)LeastLogDeviation), graph.Number((float)MostLogDeviation)]);
        OnnxValue begin = graph.Add(graph.Slice(encoded, 1, 0, size), graph.Multiply(graph.Node("Exp", [logs]), noise));
        (OnnxValue codes, OnnxValue determinants) = model.Flow.Run(graph, Parameters(graph, encoded), model.Length, begin);
        OnnxValue half = graph.Number(0.5f), prior = Sum(graph.Multiply(graph.Multiply(codes, codes), half));
        OnnxValue entropy = graph.Add(Sum(graph.Add(logs, graph.Multiply(graph.Multiply(noise, noise), half))), determinants);
        return (codes, graph.Subtract(prior, entropy));

        OnnxValue Sum(OnnxValue values) => graph.Sum(values, 1, keepsAxis: true);
    }

    /// <summary>KL(N(μ, σ²) || N(0, 1)) of a number of a code, where the flow begins.</summary>
    public static double UnitKl(double mean, double logDeviation) =>
        0.5 * ((mean * mean) + Math.Exp(2 * logDeviation) - 1 - (2 * logDeviation));

    /// <summary>The logarithm of a number's deviation.</summary>
    public double LogDeviation(ReadOnlySpan<float> encoded, int unit) =>
        Math.Clamp(encoded[model.Size + unit], LeastLogDeviation, MostLogDeviation);

    private OnnxValue Parameters(OnnxGraph graph, OnnxValue encoded) => model.Length == 0
        ? encoded
        : model.IsShared
            ? graph.Weight("flow", [1, model.Shared.Length], () => model.Shared)
            : graph.Slice(encoded, 1, 2 * model.Size);
}
