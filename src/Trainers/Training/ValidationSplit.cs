namespace MLNet.Papers.Training;

/// <summary>Which rows are trained on and which are validated on, each in ascending order.</summary>
internal sealed record ValidationSplit(int[] Training, int[] Validation)
{
    /// <summary>Holds out a part of the rows, drawn at random; none for a fraction of 0.</summary>
    /// <param name="count">How many rows.</param>
    /// <param name="fraction">The part.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="classOf">The class of a row, below 0 for none; null where rows have no classes.</param>
    /// <exception cref="InvalidOperationException">Too few would be held out, or left.</exception>
    public static ValidationSplit Draw(int count, double fraction, int seed, Func<int, int>? classOf = null) =>
        Draw([.. Enumerable.Range(0, count)], fraction, seed, "rows", classOf);

    /// <summary>
    /// Holds out a part of some rows. The last row of a class stays with those to train on: what a network has never seen it cannot be validated on.
    /// </summary>
    /// <param name="rows">Their numbers, in ascending order.</param>
    /// <param name="fraction">The part.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="kind">What they are, in words.</param>
    /// <param name="classOf">The class of a row, below 0 for none; null where rows have no classes.</param>
    /// <exception cref="InvalidOperationException">Too few would be held out, or left.</exception>
    public static ValidationSplit Draw(int[] rows, double fraction, int seed, string kind, Func<int, int>? classOf = null)
    {
        if (fraction == 0)
            return new ValidationSplit(rows, []);
        int held = (int)Math.Round(fraction * rows.Length);
        if (held < 1 || rows.Length - held < 2)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"ValidationFraction is {fraction}: of {rows.Length} {kind} {held} would be held out, but at least 1 must be, ") +
                "and at least 2 must be left. Choose another part or add rows.");
        }

        int[] all = [.. rows];
        StepRandom.Create(seed, -1).Shuffle(all);
        // How many rows of each class are not held out.
        Dictionary<int, int> left = classOf is null ? [] : all.CountBy(classOf).ToDictionary();
        List<int> training = [], validation = [];
        foreach (int row in all)
            (validation.Count < held && CanBeHeld(row) ? validation : training).Add(row);
        return validation.Count > 0
            ? new ValidationSplit([.. training.Order()], [.. validation.Order()])
            : throw new InvalidOperationException(
                FormattableString.Invariant($"ValidationFraction is {fraction}, but each class has only 1 of the {rows.Length} {kind}, ") +
                "which stays with those to train on. Set it to 0 or add rows.");

        bool CanBeHeld(int row)
        {
            if (classOf?.Invoke(row) is not (>= 0 and int index))
                return true;
            if (left[index] == 1)
                return false;
            left[index]--;
            return true;
        }
    }
}
