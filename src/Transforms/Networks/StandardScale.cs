using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Networks;

/// <summary>Puts numbers on a scale with mean 0 and deviation 1, on which a network learns them, and back.</summary>
/// <param name="Means">The mean of each of K numbers.</param>
/// <param name="Deviations">The standard deviation of each, above 0.</param>
internal sealed record StandardScale(double[] Means, [Dimensions(nameof(StandardScale.Size))] double[] Deviations) : IModelRecord
{
    /// <summary>K.</summary>
    public int Size => Means.Length;

    /// <summary>The scale of rows of numbers; one that never changes keeps its unit.</summary>
    /// <param name="rows">The rows, which are gone through twice; each is done with when the next is asked for.</param>
    /// <param name="size">K.</param>
    public static StandardScale Of(IEnumerable<float[]> rows, int size)
    {
        double[] means = new double[size], variances = new double[size];
        long count = 0;
        foreach (float[] row in rows)
        {
            count++;
            for (int i = 0; i < size; i++)
                means[i] += (row[i] - means[i]) / count;
        }

        foreach (float[] row in rows)
        {
            for (int i = 0; i < size; i++)
                variances[i] += (row[i] - means[i]) * (row[i] - means[i]) / count;
        }

        return new StandardScale(means, Array.ConvertAll(variances, variance => variance > 0 ? Math.Sqrt(variance) : 1));
    }

    /// <summary>Puts a row on this scale.</summary>
    public void Apply(Span<float> values)
    {
        for (int i = 0; i < Size; i++)
            values[i] = (float)((values[i] - Means[i]) / Deviations[i]);
    }

    /// <summary>A row back in its unit.</summary>
    public void Restore(ReadOnlySpan<float> scaled, Span<float> values)
    {
        for (int i = 0; i < Size; i++)
            values[i] = (float)((scaled[i] * Deviations[i]) + Means[i]);
    }

    /// <summary>Rows back in their unit, (B, K), in a graph.</summary>
    public OnnxValue RestoreInOnnx(OnnxGraph graph, OnnxValue scaled) => graph.Add(
        graph.Multiply(scaled, graph.Weight("deviations", [Size], () => Array.ConvertAll(Deviations, deviation => (float)deviation))),
        graph.Weight("means", [Size], () => Array.ConvertAll(Means, mean => (float)mean)));

    /// <summary>Values on this scale, (…, K), in a graph.</summary>
    public OnnxValue ApplyInOnnx(OnnxGraph graph, OnnxValue values) => graph.Divide(
        graph.Subtract(values, graph.Weight("means", [Size], () => Array.ConvertAll(Means, mean => (float)mean))),
        graph.Weight("deviations", [Size], () => Array.ConvertAll(Deviations, deviation => (float)deviation)));

    string? IModelRecord.FindFault() => Means.All(double.IsFinite) && Deviations.All(deviation => deviation > 0 && double.IsFinite(deviation))
        ? null
        : "Block 'deviations' must be positive, and 'means' finite.";
}
