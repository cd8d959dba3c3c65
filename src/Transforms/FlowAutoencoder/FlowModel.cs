using MLNet.Papers.Codes;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.FlowAutoencoder;

/// <summary>What is made of what the encoder gives: a normal distribution, and the flow that goes on from it.</summary>
/// <param name="Size">L, the length of a code.</param>
/// <param name="Form">What a step of the flow does.</param>
/// <param name="Length">K, the steps of the flow.</param>
/// <param name="Deviation">The standard deviation of numbers around what the decoder gives, on the scale of the rows.</param>
/// <param name="Samples">From how many codes of a row its bound is computed.</param>
/// <param name="Seed">What these are drawn from.</param>
/// <param name="IsShared">Whether the flow is the same for all rows.</param>
/// <param name="Shared">The parameters of the flow, K · P, where they are the same for all rows; else the encoder gives them.</param>
/// <param name="Kl">See <see cref="FlowAutoencoderHealth"/>.</param>
/// <param name="UnitKl">The same.</param>
/// <param name="ActiveUnits">The same.</param>
[Block("flow")]
internal sealed record FlowModel(
    int Size, FlowForm Form, int Length, double Deviation, int Samples, int Seed, bool IsShared,
    [Block("flow.parameters")] float[] Shared, double Kl, [Dimensions(nameof(FlowModel.Size)), Block("flow.divergences")] double[] UnitKl, int ActiveUnits)
    : IModelRecord
{
    public const int MostSteps = 128;
    public const int MostSamples = 1000;

    private readonly Lazy<float[]> _noise = new(() => Draw(Size, Samples, Seed));

    /// <summary>The steps.</summary>
    public Flow Flow { get; } = Flow.Of(Form, Size);

    /// <summary>Values that the encoder gives: mean and logarithm of the deviation of each number, and the parameters of the flow unless they are
    /// shared.</summary>
    public int EncodedSize => (2 * Size) + (IsShared ? 0 : Length * Flow.ParameterCount);

    /// <summary>What takes the place of chance in the bound of every row, (S, L), from N(0, 1).</summary>
    public float[] Noise => _noise.Value;

    public FlowAutoencoderHealth Health => new(Kl, UnitKl, ActiveUnits);

    /// <summary>The parameters of the flow of a row.</summary>
    public ReadOnlySpan<float> ParametersOf(ReadOnlySpan<float> encoded) => IsShared ? Shared : encoded[(2 * Size)..];

    string? IModelRecord.FindFault() =>
        Size is >= 1 and <= 1 << 12 && Enum.IsDefined(Form) && Length is >= 0 and <= MostSteps && Samples is >= 1 and <= MostSamples
        && Deviation > 0 && double.IsFinite(Deviation) && Shared.Length == (IsShared ? Length * Flow.ParameterCount : 0) && Shared.All(float.IsFinite)
        && double.IsFinite(Kl) && UnitKl.All(double.IsFinite) && ActiveUnits >= 0 && ActiveUnits <= Size
            ? null
            : "Block 'flow' does not describe a flow: its sizes must be in their ranges, its numbers finite, and its parameters as many as its steps need.";

    private static float[] Draw(int size, int samples, int seed)
    {
        var random = new SplitMix(seed, 0);
        float[] noise = new float[samples * size];
        for (int i = 0; i < noise.Length; i++)
            noise[i] = GaussianMixture.Normal(random.NextSingle(), random.NextSingle());
        return noise;
    }
}
