namespace MLNet.Papers.Codes;

/// <summary>
/// Fits a mixture of normal distributions to codes: Dempster, Laird and Rubin, "Maximum Likelihood from Incomplete Data via the EM Algorithm", 1977.
/// </summary>
internal static class GaussianMixtureFitting
{
    private const int MostPasses = 200;
    private const double Tolerance = 1e-5;

    // Of the variance over all codes: the least variance of a component, so that none shrinks to a single code.
    private const double LeastVariance = 1e-4;

    /// <summary>Fits a mixture.</summary>
    /// <param name="codes">The codes, one after the other.</param>
    /// <param name="size">L, numbers of a code.</param>
    /// <param name="components">K; fewer where there are fewer codes.</param>
    /// <param name="random">Where the first means are drawn from.</param>
    /// <param name="check">Called for each code; throws to stop.</param>
    public static GaussianMixture Fit(float[] codes, int size, int components, Random random, Action check)
    {
        int count = codes.Length / size;
        components = Math.Min(components, count);
        (double[] mean, double[] variance) = Moments(codes, size, check);
        GaussianMixture mixture = Begin(codes, size, components, variance, random, check);
        double[] logarithms = new double[components];
        double before = double.NegativeInfinity;
        for (int pass = 0; pass < MostPasses; pass++)
        {
            double likelihood = 0;
            double[] masses = new double[components], sums = new double[components * size], squares = new double[components * size];
            for (int row = 0; row < count; row++)
            {
                check();
                ReadOnlySpan<float> code = codes.AsSpan(row * size, size);
                mixture.LogDensities(code, logarithms);
                double greatest = logarithms.Max(), total = 0;
                foreach (double logarithm in logarithms)
                    total += Math.Exp(logarithm - greatest);
                likelihood += (greatest + Math.Log(total)) / count;
                for (int component = 0; component < components; component++)
                {
                    double share = Math.Exp(logarithms[component] - greatest) / total;
                    masses[component] += share;
                    for (int i = 0; share > 0 && i < size; i++)
                    {
                        // Around the mean of all, where the difference of squares keeps its digits.
                        double centred = code[i] - mean[i];
                        sums[(component * size) + i] += share * centred;
                        squares[(component * size) + i] += share * centred * centred;
                    }
                }
            }

            mixture = Maximize(mixture, masses, sums, squares, mean, variance, count);
            if (likelihood - before < Tolerance)
                break;
            before = likelihood;
        }

        return mixture;
    }

    private static GaussianMixture Maximize(
        GaussianMixture former, double[] masses, double[] sums, double[] squares, double[] mean, double[] variance, int count)
    {
        (int size, int components) = (former.Size, former.Components);
        float[] means = [.. former.Means], deviations = [.. former.Deviations];
        for (int place = 0; place < means.Length; place++)
        {
            (int component, int i) = Math.DivRem(place, size);
            if (masses[component] < 1e-9)
                continue;
            double centred = sums[place] / masses[component];
            means[place] = (float)(mean[i] + centred);
            double own = (squares[place] / masses[component]) - (centred * centred);
            deviations[place] = (float)Math.Sqrt(Math.Max(own, LeastVariance * variance[i]));
        }

        return new(size, components, Array.ConvertAll(masses, mass => mass / count), means, deviations);
    }

    // Each mean is a code, drawn with a probability that is proportional to its squared distance from the nearest of those before it (Arthur and Vassilvitskii,
    // 2007).
    private static GaussianMixture Begin(float[] codes, int size, int components, double[] variance, Random random, Action check)
    {
        int count = codes.Length / size, next = random.Next(count);
        double[] distances = [.. Enumerable.Repeat(double.PositiveInfinity, count)];
        float[] means = new float[components * size];
        for (int component = 0; component < components; component++)
        {
            codes.AsSpan(next * size, size).CopyTo(means.AsSpan(component * size));
            double total = 0;
            for (int row = 0; row < count; row++)
            {
                check();
                double distance = 0;
                for (int i = 0; i < size; i++)
                    distance += Math.Pow(codes[(row * size) + i] - means[(component * size) + i], 2) / variance[i];
                distances[row] = Math.Min(distances[row], distance);
                total += distances[row];
            }

            double rest = random.NextDouble() * total;
            next = 0;
            while (next < count - 1 && (rest -= distances[next]) >= 0)
                next++;
        }

        double start = Math.Pow(components, -2.0 / size);
        float[] deviations = [.. Enumerable.Range(0, means.Length).Select(place => (float)Math.Sqrt(variance[place % size] * start))];
        return new(size, components, [.. Enumerable.Repeat(1.0 / components, components)], means, deviations);
    }

    private static (double[] Mean, double[] Variance) Moments(float[] codes, int size, Action check)
    {
        int count = codes.Length / size;
        double[] mean = new double[size], variance = new double[size];
        for (int place = 0; place < codes.Length; place++)
            mean[place % size] += (double)codes[place] / count;
        for (int place = 0; place < codes.Length; place++)
        {
            if (place % size == 0)
                check();
            variance[place % size] += Math.Pow(codes[place] - mean[place % size], 2) / count;
        }

        return (mean, Array.ConvertAll(variance, value => value > 0 ? value : 1));
    }
}
