namespace MLNet.Papers.Training;

/// <summary>Which rows are trained on and which are validated on, each in ascending order.</summary>
internal sealed record ValidationSplit(int[] Training, int[] Validation)
{
    /// <summary>Holds out a part of the rows, drawn at random; none for a fraction of 0.</summary>
    /// <exception cref="InvalidOperationException">Too few would be held out, or left.</exception>
    public static ValidationSplit Draw(int count, double fraction, int seed) => Draw([.. Enumerable.Range(0, count)], fraction, seed, "rows");

    /// <summary>Holds out a part of some rows.</summary>
    /// <param name="rows">Their numbers, in ascending order.</param>
    /// <param name="fraction">The part.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="kind">What they are, in words.</param>
    /// <exception cref="InvalidOperationException">Too few would be held out, or left.</exception>
    public static ValidationSplit Draw(int[] rows, double fraction, int seed, string kind)
    {
        if (fraction == 0)
            return new ValidationSplit(rows, []);
        int held = (int)Math.Round(fraction * rows.Length);
        if (held < 1 || rows.Length - held < 2)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"ValidationFraction is {fraction}: of {rows.Length} {kind} {held} would be held out, but at least 1 must be, and at least 2 must be left."));
        }

        int[] all = [.. rows];
        StepRandom.Create(seed, -1).Shuffle(all);
        return new ValidationSplit([.. all[held..].Order()], [.. all[..held].Order()]);
    }
}
