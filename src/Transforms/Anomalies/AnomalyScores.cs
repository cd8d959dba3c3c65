using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Anomalies;

/// <summary>The scores of the rows that were learned from, and where anomalies begin.</summary>
/// <param name="Threshold">The greatest score that is no anomaly.</param>
/// <param name="Quantiles">Scores in ascending order, those of all rows or as many at equal steps.</param>
[Block("anomalies")]
internal sealed record AnomalyScores(float Threshold, [Block("scores")] float[] Quantiles) : IModelRecord
{
    private const int MostQuantiles = 10_001;
    private const float Margin = 1e-4f;

    /// <summary>What is kept of scores, with the threshold of a contamination.</summary>
    /// <param name="scores">The scores of the rows, which are sorted.</param>
    /// <param name="contamination">The share of rows that are anomalies.</param>
    public static AnomalyScores Of(float[] scores, double contamination)
    {
        Array.Sort(scores);
        float[] kept = scores.Length <= MostQuantiles
            ? scores
            : [.. Enumerable.Range(0, MostQuantiles).Select(i => scores[(long)i * (scores.Length - 1) / (MostQuantiles - 1)])];
        return new(ThresholdOf(kept, contamination), kept);
    }

    /// <summary>The same scores with another threshold.</summary>
    public AnomalyScores With(double contamination) => this with { Threshold = ThresholdOf(Quantiles, contamination) };

    /// <summary>
    /// The percentage of rows whose score is lower, where half of a row has a score of its own (Hazen's plotting positions); in a line from each score to the
    /// next, and no lower or higher than that of any row.
    /// </summary>
    public float PercentileOf(float score)
    {
        if (float.IsNaN(score))
            return float.NaN;
        int reached = 0, count = Quantiles.Length, end = count;  // the first that is not below the score
        while (reached < end)
        {
            int middle = (reached + end) / 2;
            if (Quantiles[middle] < score)
                reached = middle + 1;
            else
                end = middle;
        }

        if (reached == 0 || reached == count)
            return 100 * (Math.Max(reached, 1) - 0.5f) / count;
        float below = Quantiles[reached - 1];
        return 100 * (reached - 0.5f + ((score - below) / (Quantiles[reached] - below))) / count;
    }

    /// <summary>The same in a graph, (B, 1).</summary>
    public OnnxValue PercentileInOnnx(OnnxGraph graph, OnnxValue score)
    {
        int steps = Quantiles.Length - 1;
        OnnxValue below = graph.Weight("quantiles", [1, steps], () => Quantiles[..steps]), widths = graph.Weight("steps", [1, steps], Widths);
        OnnxValue shares = graph.Node("Clip", [graph.Divide(graph.Subtract(score, below), widths), graph.Number(0), graph.Number(1)]);
        return graph.Multiply(graph.Add(graph.Sum(shares, 1, keepsAxis: true), graph.Number(0.5f)), graph.Number(100f / Quantiles.Length));
    }

    string? IModelRecord.FindFault()
    {
        bool isSorted = Quantiles.Length > 1 && float.IsFinite(Threshold) && Quantiles.All(float.IsFinite);
        for (int i = 1; isSorted && i < Quantiles.Length; i++)
            isSorted = Quantiles[i - 1] <= Quantiles[i];
        return isSorted ? null : "Block 'scores' must be finite and in ascending order, and the threshold finite.";
    }

    // Between the lowest score above it and the greatest below it, so that neither depends on how another runtime rounds. At most this share of the rows is
    // above.
    private static float ThresholdOf(float[] sorted, double contamination)
    {
        int above = (int)Math.Floor(contamination * sorted.Length);
        float below = sorted[^(1 + above)];
        return above > 0 ? (below + sorted[^above]) / 2 : below + (Margin * Math.Abs(below));
    }

    private float[] Widths() => [.. Enumerable.Range(1, Quantiles.Length - 1).Select(i => Math.Max(Quantiles[i] - Quantiles[i - 1], 1e-30f))];
}
