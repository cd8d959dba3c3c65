namespace MLNet.Papers.Training;

/// <summary>Which rows are trained on and which are validated on, each in ascending order.</summary>
internal sealed record ValidationSplit(int[] Training, int[] Validation)
{
    /// <summary>Holds out a part of the rows, drawn at random; none for a fraction of 0.</summary>
    /// <exception cref="InvalidOperationException">Too few would be held out, or left.</exception>
    public static ValidationSplit Draw(int count, double fraction, int seed)
    {
        int[] all = [.. Enumerable.Range(0, count)];
        if (fraction == 0)
            return new ValidationSplit(all, []);
        int held = (int)Math.Round(fraction * count);
        if (held < 1 || count - held < 2)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"ValidationFraction is {fraction}: of {count} rows {held} would be held out, but at least 1 must be, and at least 2 must be left."));
        }

        StepRandom.Create(seed, -1).Shuffle(all);
        return new ValidationSplit([.. all[held..].Order()], [.. all[..held].Order()]);
    }
}
