using Microsoft.ML;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Generation;

/// <summary>Measures of generated rows, against figures by hand.</summary>
[TestClass]
public sealed class GenerationMetricsTests
{
    private static readonly MLContext Context = new(seed: 1);

    // Of k = 1: real balls of 1, 1, 2 and 4, generated ones of 0.5, 0.5, 10 and 10.
    private static readonly float[] Real = [0, 1, 3, 7], Generated = [0.5f, 1, 20, 30];

    [TestMethod]
    public void Every_figure_is_that_by_hand()
    {
        GenerationMetrics metrics = Context.Generation.Evaluate(Numbers(Real), Numbers(Generated), "X", Numbers(0.5f, 20), neighbors: 1);
        Assert.AreEqual((0.5, 0.5, 1.25, 0.75), (metrics.Precision, metrics.Recall, metrics.Density, metrics.Coverage));
        Assert.AreEqual((0.5, 0.6875), (metrics.TwoSampleAccuracy, metrics.Memorization));
        Assert.AreEqual((4, 4), (metrics.RealCount, metrics.GeneratedCount));
        double between = Math.Sqrt(638.1875 / 3) - Math.Sqrt(28.75 / 3);
        Assert.AreEqual((10.125 * 10.125) + (between * between), metrics.FrechetDistance, 1e-9);
    }

    [TestMethod]
    public void More_neighbours_make_wider_balls()
    {
        // Of k = 2: real balls of 3, 2, 3 and 6, generated ones of 19.5, 19, 19 and 29.
        GenerationMetrics metrics = Context.Generation.Evaluate(Numbers(Real), Numbers(Generated), "X", neighbors: 2);
        Assert.AreEqual((0.5, 1, 0.875, 1), (metrics.Precision, metrics.Recall, metrics.Density, metrics.Coverage));
        Assert.IsNull(metrics.Memorization);
    }

    // Rows that a symmetric positive matrix A was applied to: tr (A - I) Σ (A - I), however Σ and A lie.
    [TestMethod]
    [DataRow(40)]
    [DataRow(2)]
    public void The_Frechet_distance_is_that_of_the_best_transport(int rows)
    {
        var random = new Random(3);
        float[][] real = [.. Enumerable.Range(0, rows).Select(_ => new[] { (float)random.NextDouble(), (float)random.NextDouble() * 3 })];
        float[][] moved = [.. real.Select(row => new[] { (2 * row[0]) + row[1] + 5, row[0] + (3 * row[1]) })];
        (double x, double y) = (real.Average(row => row[0]), real.Average(row => row[1]));
        double expected = Math.Pow(x + y + 5, 2) + Math.Pow(x + (2 * y), 2) + (real.Sum(row =>
            Math.Pow(row[0] - x + (row[1] - y), 2) + Math.Pow(row[0] - x + (2 * (row[1] - y)), 2)) / (rows - 1));
        Assert.AreEqual(expected, Context.Generation.Evaluate(View(real), View(moved), "X", neighbors: 1).FrechetDistance, 1e-4);
    }

    [TestMethod]
    public void Copies_are_told()
    {
        var random = new Random(4);
        float[][] all = [.. Enumerable.Range(0, 900).Select(_ => new[] { (float)random.NextDouble(), (float)random.NextDouble() })];
        GenerationMetrics copies = Context.Generation.Evaluate(View(all[..300]), View(all[300..600]), "X", View(all[300..600]));
        Assert.AreEqual(1, copies.Memorization);
        GenerationMetrics others = Context.Generation.Evaluate(View(all[..300]), View(all[600..]), "X", View(all[300..600]));
        Assert.AreEqual(0.5, others.Memorization!.Value, 0.1);
        Assert.AreEqual(0, Context.Generation.Evaluate(View(all[..300]), View(all[..300]), "X").TwoSampleAccuracy);
    }

    [TestMethod]
    public void As_many_rows_of_each_kind_are_told_apart()
    {
        // Of the generated rows every third, 0 and 6, stands beside 0 and 10.
        GenerationMetrics metrics = Context.Generation.Evaluate(Numbers(0, 10), Numbers(0, 1, 2, 6, 7, 8), "X", neighbors: 1);
        Assert.AreEqual(0, metrics.TwoSampleAccuracy);
    }

    [TestMethod]
    public void What_cannot_be_compared_is_refused_by_name()
    {
        GenerationCatalog catalog = Context.Generation;
        Assert.Contains("'X' must be", Assert.Throws<ArgumentOutOfRangeException>(() => catalog.Evaluate(Numbers(Real), View([[1, 2], [3, 4]]), "X")).Message);
        Assert.Contains("'Y' is missing", Assert.Throws<ArgumentOutOfRangeException>(() => catalog.Evaluate(Numbers(Real), Numbers(Real), "Y")).Message);
        string message = Assert.Throws<InvalidOperationException>(() => catalog.Evaluate(Numbers(Real), Numbers(1, 2), "X", neighbors: 2)).Message;
        Assert.Contains("'generated' must have at least 3 rows", message);
        message = Assert.Throws<InvalidOperationException>(() => catalog.Evaluate(Numbers(Real), Numbers(1, float.NaN), "X", neighbors: 1)).Message;
        Assert.Contains("'X' of generated must be finite, but has NaN in row 1", message);
        Assert.Throws<ArgumentOutOfRangeException>(() => catalog.Evaluate(Numbers(Real), Numbers(Real), "X", neighbors: 0));
    }

    private static MemoryView Numbers(params float[] values) => View([.. values.Select(value => new[] { value })]);

    private static MemoryView View(float[][] rows) => new([MemoryColumn.Vectors("X", rows)]);
}
