using MLNet.Papers.Codes;

namespace MLNet.Papers;

/// <summary>What codes are drawn from to invent rows, and what codes of rows shall be spread like.</summary>
public enum CodeDistribution
{
    /// <summary>Each number is uniform from -1 to 1.</summary>
    Uniform,

    /// <summary>Each number is normal, with mean 0 and deviation 1.</summary>
    Gaussian,
}

/// <summary>Draws codes.</summary>
internal static class CodeDraws
{
    /// <summary>Draws codes, one after the other; each depends on the seed and on its number alone.</summary>
    /// <param name="distribution">What from.</param>
    /// <param name="count">How many.</param>
    /// <param name="size">Numbers of a code.</param>
    /// <param name="seed">The seed.</param>
    public static float[] Draw(this CodeDistribution distribution, int count, int size, int seed)
    {
        var seeds = new Random(seed);
        float[] codes = new float[checked(count * size)];
        for (int row = 0; row < count; row++)
        {
            var random = new Random(seeds.Next());
            foreach (ref float number in codes.AsSpan(row * size, size))
                number = distribution == CodeDistribution.Uniform ? (2 * random.NextSingle()) - 1 : GaussianMixture.Normal(random);
        }

        return codes;
    }
}
