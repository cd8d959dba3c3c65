using MLNet.Papers.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.FlowAutoencoder;

/// <summary>
/// Steps that move a code, each with an inverse: z_k = f_k(z_{k-1}), and ln|det| of their Jacobians (Rezende and Mohamed 2015, section 3). What a step does is
/// written three times, for numbers, torch and graphs, in one file for each form.
/// </summary>
/// <param name="size">L, the length of a code.</param>
internal abstract class Flow(int size)
{
    /// <summary>What is divided by is at least this.</summary>
    protected const double Least = 1e-8;

    // A determinant is positive; far out it may round to 0, whose logarithm is not finite.
    protected const double LeastDeterminant = 1e-30;

    // softplus(x) = 1 at this x = ln(e - 1).
    protected const double InverseOfOne = 0.5413248546129181;

    protected int Size => size;

    /// <summary>Numbers that say what a step does.</summary>
    public abstract int ParameterCount { get; }

    public static Flow Of(FlowForm form, int size) => form == FlowForm.Planar ? new PlanarFlow(size) : new RadialFlow(size);

    /// <summary>Moves a code, step by step.</summary>
    /// <param name="parameters">The parameters of all steps, one step after the other.</param>
    /// <param name="code">L values, which are overwritten.</param>
    /// <returns>The sum of ln|det|.</returns>
    public double Run(ReadOnlySpan<float> parameters, Span<float> code)
    {
        double sum = 0;
        for (; !parameters.IsEmpty; parameters = parameters[ParameterCount..])
            sum += Move(parameters[..ParameterCount], code);
        return sum;
    }

    /// <summary>The same of many.</summary>
    /// <param name="parameters">(B, K · P), or (1, K · P) for the same steps for all.</param>
    /// <param name="codes">(B, L).</param>
    /// <returns>The codes, (B, L), and the sums of ln|det|, (B).</returns>
    public (Tensor Codes, Tensor LogDeterminants) Run(Tensor parameters, Tensor codes)
    {
        Tensor sum = zeros(codes.shape[0], 1, dtype: codes.dtype, device: codes.device);
        for (long first = 0; first < parameters.shape[1]; first += ParameterCount)
        {
            (codes, Tensor logDeterminants) = Move(parameters.narrow(1, first, ParameterCount), codes);
            sum += logDeterminants;
        }

        return (codes, sum.squeeze(1));
    }

    /// <summary>The same in a graph.</summary>
    /// <returns>The codes, (B, L), and the sums of ln|det|, (B, 1).</returns>
    public (OnnxValue Codes, OnnxValue LogDeterminants) Run(OnnxGraph graph, OnnxValue parameters, int steps, OnnxValue codes)
    {
        OnnxValue sum = graph.Number(0);
        for (int step = 0; step < steps; step++)
        {
            (codes, OnnxValue logDeterminants) = Move(
                graph, graph.Slice(parameters, 1, step * ParameterCount, (step + 1) * ParameterCount), codes);
            sum = graph.Add(sum, logDeterminants);
        }

        return (codes, sum);
    }

    /// <summary>Parameters of a step that leaves codes where they are.</summary>
    /// <param name="random">What they are drawn from.</param>
    /// <param name="parameters">Receives P values.</param>
    public abstract void Begin(Random random, Span<float> parameters);

    /// <summary>Takes a step.</summary>
    /// <returns>ln|det|.</returns>
    protected abstract double Move(ReadOnlySpan<float> parameters, Span<float> code);

    /// <summary>Takes a step.</summary>
    /// <returns>The codes, and ln|det|, (B, 1).</returns>
    protected abstract (Tensor Codes, Tensor LogDeterminants) Move(Tensor parameters, Tensor codes);

    /// <summary>Takes a step.</summary>
    /// <returns>The codes, and ln|det|, (B, 1).</returns>
    protected abstract (OnnxValue Codes, OnnxValue LogDeterminants) Move(OnnxGraph graph, OnnxValue parameters, OnnxValue codes);

    /// <summary>Nothing below a number.</summary>
    protected static Tensor AtLeast(Tensor values, double least)
    {
        using Scalar number = least;
        return values.clamp(min: number);
    }

    protected static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
