namespace MLNet.Papers.Texts;

/// <summary>
/// Draws words by their rank alone: P(r) = ln((r + 2) / (r + 1)) / ln(V + 1), near to how often words occur when the most frequent have the lowest ranks
/// (Zipf).
/// </summary>
internal sealed class LogUniformSampler(int count)
{
    private readonly double _logRange = Math.Log(count + 1.0);

    /// <summary>The probability of a rank, from 0.</summary>
    public double Probability(int rank) => Math.Log((rank + 2.0) / (rank + 1.0)) / _logRange;

    /// <summary>Draws different ranks.</summary>
    /// <param name="random">Where chance comes from.</param>
    /// <param name="samples">How many; at most all there are.</param>
    /// <returns>The ranks, and how many draws it took with those that came again.</returns>
    public (int[] Ranks, long Tries) Draw(Random random, int samples)
    {
        var drawn = new HashSet<int>(samples);
        int[] ranks = new int[samples];
        long tries = 0;
        for (int found = 0; found < samples; tries++)
        {
            int rank = Math.Min((int)(Math.Exp(random.NextDouble() * _logRange) - 1), count - 1);
            if (drawn.Add(rank))
                ranks[found++] = rank;
        }

        return (ranks, tries);
    }

    /// <summary>How likely a rank is to be among those that so many draws give: 1 - (1 - P)^n.</summary>
    public double ExpectedCount(int rank, long tries)
    {
        double log = tries * Math.Log(1 - Probability(rank));
        return -double.Exp(log) + 1;
    }
}
