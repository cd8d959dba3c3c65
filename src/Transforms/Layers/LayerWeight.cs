using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Layers;

/// <summary>Something that a layer computes with besides its input.</summary>
/// <param name="Name">Its name within the layer.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Use">What it is for, from which its first values follow.</param>
/// <param name="Inputs">How many inputs a unit of its layer has, for kernels and biases.</param>
internal sealed record LayerWeight(string Name, long[] Shape, WeightUse Use, long Inputs = 0)
{
    /// <summary>Whether training changes it by its gradient.</summary>
    public bool IsTrained => Use < WeightUse.Mean;

    /// <summary>Its values, with <see cref="WeightUse.Constant"/>.</summary>
    public Func<float[]>? Constant { get; init; }

    /// <summary>Draws its first values, where the chain's <see cref="Initialization"/> does not.</summary>
    public Func<long[], Tensor>? First { get; init; }

    /// <summary>The kernel of a layer and its biases.</summary>
    /// <param name="shape">That of the kernel.</param>
    /// <param name="units">The number of biases.</param>
    public static LayerWeight[] KernelAndBias(long[] shape, long units)
    {
        long inputs = shape.Skip(1).Aggregate(1L, (product, length) => product * length);
        return [new("weight", shape, WeightUse.Kernel, inputs), new("bias", [units], WeightUse.Bias, inputs)];
    }

    /// <summary>Its first values, from torch's process-wide generator; kernels with four axes have their channels side by side.</summary>
    /// <param name="initialization">How kernels and biases are drawn.</param>
    public Tensor Initial(Initialization initialization)
    {
        double reach = 1 / Math.Sqrt(Inputs);
        return Use switch
        {
            _ when First is not null => First(Shape),
            WeightUse.Kernel when initialization == Initialization.HeNormal => Arrange(empty(Shape).normal_(0, Math.Sqrt(2) * reach)),
            WeightUse.Kernel when initialization == Initialization.Normal => Arrange(empty(Shape).normal_(0, reach)),
            WeightUse.Kernel => Arrange(empty(Shape).uniform_(-reach, reach)),
            WeightUse.Bias when initialization == Initialization.Uniform => empty(Shape).uniform_(-reach, reach),
            WeightUse.Gain or WeightUse.Variance => ones(Shape),
            WeightUse.Constant => Of(Constant!()),
            _ => zeros(Shape),
        };
    }

    /// <summary>Given values in memory of torch's own: managed arrays begin at any address, and matrix kernels round differently for different
    /// alignments.</summary>
    public Tensor Of(float[] values) => Arrange(tensor(values, Shape).clone());

    private Tensor Arrange(Tensor values) => Shape.Length == 4 ? ChannelsLast.Of(values).clone() : values;  // a parameter must not be a view
}

/// <summary>What a weight is for.</summary>
internal enum WeightUse
{
    /// <summary>Weighs inputs.</summary>
    Kernel,

    /// <summary>Is added to each unit's sum.</summary>
    Bias,

    /// <summary>Multiplies what is normalized; begins at 1.</summary>
    Gain,

    /// <summary>Is added to what is normalized; begins at 0.</summary>
    Shift,

    /// <summary>A running mean, which is saved and has no gradient.</summary>
    Mean,

    /// <summary>A running variance, which is saved and has no gradient.</summary>
    Variance,

    /// <summary>Follows from the shapes: neither trained nor saved.</summary>
    Constant,
}

/// <summary>How kernels and biases are drawn.</summary>
internal enum Initialization
{
    /// <summary>Kernels with deviation √(2 / inputs), biases 0 (He et al. 2015, arXiv:1502.01852).</summary>
    HeNormal,

    /// <summary>Both uniform up to 1 / √inputs, as torch's own layers begin.</summary>
    Uniform,

    /// <summary>Kernels with deviation √(1 / inputs), biases 0 (LeCun et al. 1998).</summary>
    Normal,
}

/// <summary>First values that depend on the kind of layer.</summary>
internal static class InitialValues
{
    /// <summary>
    /// Uniform up to √(6 / (inputs + outputs)): Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
    /// </summary>
    public static Func<long[], Tensor> Glorot(long inputs, long outputs) => Uniform(Math.Sqrt(6.0 / (inputs + outputs)));

    /// <summary>Uniform up to a bound, and from its negative.</summary>
    public static Func<long[], Tensor> Uniform(double bound) => shape => empty(shape).uniform_(-bound, bound);

    /// <summary>From N(0, deviation²).</summary>
    public static Func<long[], Tensor> Normal(double deviation) => shape => empty(shape).normal_(0, deviation);

    /// <summary>From N(0, deviation²), without what is farther from 0 than two deviations.</summary>
    public static Func<long[], Tensor> TruncatedNormal(double deviation)
    {
        // The error function of √2: the part of all values that is not farther away. Its inverse makes uniform values normal ones.
        const double Kept = 0.9544997361036416;
        return shape =>
        {
            using Scalar scale = deviation * Math.Sqrt(2);
            return empty(shape).uniform_(-Kept, Kept).erfinv_().mul_(scale);
        };
    }

    /// <summary>All the same.</summary>
    public static Func<long[], Tensor> Constant(double value) => shape => full(shape, value);
}
