namespace MLNet.Papers.Samples.Series;

/// <summary>
/// The adding task of Hochreiter and Schmidhuber 1997 as JANET's paper has it: each step has a number from 0 to 1 and a mark, which is 1 in one step of each
/// half and 0 elsewhere; the sum of the two marked numbers is to be told at the end. Whoever always answers 1 has a mean squared error of 1/6.
/// </summary>
internal static class AddingTask
{
    /// <summary>The mean squared error of the best constant answer.</summary>
    public const double ConstantError = 1.0 / 6;

    /// <summary>Draws rows.</summary>
    /// <param name="count">How many.</param>
    /// <param name="steps">T, the steps of each.</param>
    /// <param name="seed">What they are drawn from.</param>
    public static SeriesRow[] Draw(int count, int steps, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Row())];

        SeriesRow Row()
        {
            float[] series = new float[2 * steps];
            for (int step = 0; step < steps; step++)
                series[2 * step] = random.NextSingle();
            float sum = 0;
            foreach (int marked in new[] { random.Next(steps / 2), random.Next(steps / 2, steps) })
            {
                series[(2 * marked) + 1] = 1;
                sum += series[2 * marked];
            }

            return new() { Series = series, Number = sum };
        }
    }
}
