using MLNet.Papers.Persistence;

namespace MLNet.Papers.Codes;

/// <summary>What codes that are vectors are drawn from: some normal distributions, each with a deviation for every dimension.</summary>
/// <param name="Size">L, numbers of a code.</param>
/// <param name="Components">K, how many distributions there are.</param>
/// <param name="Shares">How often each is drawn from; they add up to 1.</param>
/// <param name="Means">Their means, (K, L).</param>
/// <param name="Deviations">Their standard deviations, (K, L).</param>
[Block("mixture")]
internal sealed record GaussianMixture(
    int Size,
    int Components,
    [Dimensions(nameof(Components)), Block("mixture.shares")] double[] Shares,
    [Dimensions(nameof(Components), nameof(Size)), Block("mixture.means")] float[] Means,
    [Dimensions(nameof(Components), nameof(Size)), Block("mixture.deviations")] float[] Deviations) : IModelRecord
{
    /// <summary>ln p of a code under each distribution, times its share.</summary>
    /// <param name="code">L values.</param>
    /// <param name="logarithms">Receives K values.</param>
    public void LogDensities(ReadOnlySpan<float> code, Span<double> logarithms)
    {
        for (int component = 0; component < Components; component++)
        {
            double sum = 0;
            ReadOnlySpan<float> means = Means.AsSpan(component * Size, Size), deviations = Deviations.AsSpan(component * Size, Size);
            for (int i = 0; i < Size; i++)
            {
                double distance = ((double)code[i] - means[i]) / deviations[i];
                sum += (0.5 * distance * distance) + Math.Log(deviations[i]);
            }

            logarithms[component] = Math.Log(Shares[component]) - sum - (0.5 * Size * Math.Log(2 * Math.PI));
        }
    }

    /// <summary>Draws codes, one after the other; each depends on the seed and on its number alone.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">The seed.</param>
    public float[] Draw(int count, int seed)
    {
        var seeds = new Random(seed);
        float[] codes = new float[checked(count * Size)];
        for (int row = 0; row < count; row++)
        {
            var random = new Random(seeds.Next());
            int component = 0;
            for (double rest = random.NextDouble() - Shares[0]; rest >= 0 && component < Components - 1; rest -= Shares[component])
                component++;
            for (int i = 0; i < Size; i++)
                codes[(row * Size) + i] = Means[(component * Size) + i] + (Deviations[(component * Size) + i] * Normal(random));
        }

        return codes;
    }

    string? IModelRecord.FindFault() =>
        Size is >= 1 and <= 1 << 20 && Components is >= 1 and <= 1 << 16 && Shares.All(share => share is >= 0 and <= 1) && Math.Abs(Shares.Sum() - 1) < 1e-6
        && Means.All(float.IsFinite) && Deviations.All(deviation => deviation > 0 && float.IsFinite(deviation))
            ? null
            : "Block 'mixture' must have shares that add up to 1, finite means and positive deviations.";

    /// <summary>A number from N(0, 1): Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958.</summary>
    public static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
