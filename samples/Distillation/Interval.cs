using System.Globalization;

namespace MLNet.Papers.Samples.Distillation;

/// <summary>The mean of a figure over seeds, with its 95 % interval by Student's t.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Half">Half the length of the interval; 0 for a single seed, which has none.</param>
internal readonly record struct Interval(double Mean, double Half)
{
    // The 97.5th percentile of Student's t for 1, 2, … degrees of freedom.
    private static readonly double[] Quantiles =
        [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093];

    /// <summary>The interval of some figures, one a seed.</summary>
    public static Interval Of(IReadOnlyCollection<double> values)
    {
        double mean = values.Average();
        if (values.Count < 2)
            return new Interval(mean, 0);
        double deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        double quantile = values.Count - 2 < Quantiles.Length ? Quantiles[values.Count - 2] : 1.96;
        return new Interval(mean, quantile * deviation / Math.Sqrt(values.Count));
    }

    /// <summary>The interval of the differences of two figures of the same seeds.</summary>
    public static Interval OfDifference(IReadOnlyList<double> values, IReadOnlyList<double> others) =>
        Of([.. values.Zip(others, (value, other) => value - other)]);

    /// <summary>Whether 0 is outside.</summary>
    public bool ExcludesZero => Half > 0 && Math.Abs(Mean) > Half;

    /// <inheritdoc/>
    public override string ToString() => ToString("F2");

    /// <summary>The interval with so many decimals.</summary>
    public string ToString(string format) =>
        Half == 0 ? Mean.ToString(format, CultureInfo.InvariantCulture)
            : $"{Mean.ToString(format, CultureInfo.InvariantCulture)} ± {Half.ToString(format, CultureInfo.InvariantCulture)}";
}
