using MLNet.Papers.Persistence;

namespace MLNet.Papers.Networks;

/// <summary>Puts numbers on a scale with mean 0 and deviation 1, on which a network learns them, and back.</summary>
/// <param name="Means">The mean of each of K numbers.</param>
/// <param name="Deviations">The standard deviation of each, above 0.</param>
internal sealed record StandardScale(double[] Means, double[] Deviations)
{
    /// <summary>K.</summary>
    public int Size => Means.Length;

    /// <summary>The scale of rows of numbers; one that never changes keeps its unit.</summary>
    /// <param name="values">The numbers, row by row.</param>
    /// <param name="size">K.</param>
    public static StandardScale Of(float[] values, int size)
    {
        int count = values.Length / size;
        double[] means = new double[size], deviations = new double[size];
        for (int i = 0; i < values.Length; i++)
            means[i % size] += (double)values[i] / count;
        for (int i = 0; i < values.Length; i++)
            deviations[i % size] += (values[i] - means[i % size]) * (values[i] - means[i % size]) / count;
        return new StandardScale(means, Array.ConvertAll(deviations, variance => variance > 0 ? Math.Sqrt(variance) : 1));
    }

    /// <summary>Rows of numbers on this scale.</summary>
    public float[] Apply(float[] values) => [.. values.Select((value, i) => (float)((value - Means[i % Size]) / Deviations[i % Size]))];

    /// <summary>A row back in its unit.</summary>
    public void Restore(ReadOnlySpan<float> scaled, Span<float> values)
    {
        for (int i = 0; i < Size; i++)
            values[i] = (float)((scaled[i] * Deviations[i]) + Means[i]);
    }

    public void Write(ModelWriter writer)
    {
        writer.Write<double>("means", Means, Size);
        writer.Write<double>("deviations", Deviations, Size);
    }

    /// <exception cref="FormatException">The blocks are missing or do not hold a scale.</exception>
    public static StandardScale Read(ModelReader reader, int size)
    {
        var scale = new StandardScale(reader.Read<double>("means", size), reader.Read<double>("deviations", size));
        return scale.Means.All(double.IsFinite) && scale.Deviations.All(deviation => deviation > 0 && double.IsFinite(deviation))
            ? scale
            : throw new FormatException("Block 'deviations' must be positive, and 'means' finite.");
    }
}
