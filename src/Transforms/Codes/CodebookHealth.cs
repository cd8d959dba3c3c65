namespace MLNet.Papers;

/// <summary>How much of a codebook the rows use that it was learned from, all of them together.</summary>
/// <param name="Codes">Vectors of the codebook.</param>
/// <param name="CodesUsed">Those that at least one row uses.</param>
/// <param name="Perplexity">
/// The exponential of the entropy of their uses: how many codes there are in effect, from 1 where all rows use one code to <see cref="Codes"/> where all are
/// used alike.
/// </param>
public sealed record CodebookHealth(int Codes, int CodesUsed, double Perplexity)
{
    // Collapsed codebooks were below a tenth in the experiments that the technique was chosen by, sound ones at half.
    private const double LeastShare = 0.1;

    /// <summary>Whether a few codes stand for nearly everything.</summary>
    internal bool HasCollapsed => Perplexity < Math.Max(1.5, LeastShare * Codes);

    /// <summary>The figures in words.</summary>
    public override string ToString() => FormattableString.Invariant($"{CodesUsed} of {Codes} codes are used, perplexity {Perplexity:F1}");

    /// <summary>The health of a codebook whose codes have these uses.</summary>
    internal static CodebookHealth Of(ReadOnlySpan<long> uses)
    {
        double sum = 0, entropy = 0;
        int used = 0;
        foreach (long count in uses)
        {
            sum += count;
            used += count > 0 ? 1 : 0;
        }

        foreach (long count in uses)
        {
            if (count > 0)
                entropy -= count / sum * Math.Log(count / sum);
        }

        return new(uses.Length, used, Math.Exp(entropy));
    }
}
