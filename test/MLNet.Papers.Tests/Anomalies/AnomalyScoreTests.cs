using MLNet.Papers.Anomalies;

namespace MLNet.Papers.Tests.Anomalies;

/// <summary>Thresholds and percentiles by hand.</summary>
[TestClass]
public sealed class AnomalyScoreTests
{
    // Of ten rows a fifth are two: the threshold is in the middle of 8 and 9.
    [TestMethod]
    public void As_many_rows_are_above_the_threshold_as_the_contamination_says()
    {
        var scores = AnomalyScores.Of([3, 1, 2, 5, 4, 10, 9, 8, 7, 6], contamination: 0.2);
        Assert.AreEqual(8.5f, scores.Threshold);
        Assert.AreEqual(9.5f, scores.With(0.1).Threshold);
        Assert.AreEqual(9.5f, scores.With(0.19).Threshold, "A share that is no whole row is rounded down.");
        Assert.AreEqual(10.001f, scores.With(0).Threshold, 1e-5f);
    }

    [TestMethod]
    public void A_percentile_is_the_share_of_lower_scores_and_goes_in_a_line_between_them()
    {
        var scores = AnomalyScores.Of([1, 2, 3, 3, 5], contamination: 0);
        float[] expected = [10, 10, 20, 30, 50, 80, 90, 90];
        float[] actual = [.. new[] { 0, 1, 1.5f, 2, 3, 4, 5, 6 }.Select(scores.PercentileOf)];
        CollectionAssert.AreEqual(expected, actual);
        Assert.IsTrue(float.IsNaN(scores.PercentileOf(float.NaN)));
    }

    [TestMethod]
    public void Of_many_scores_as_many_at_equal_steps_are_kept()
    {
        var scores = AnomalyScores.Of([.. Enumerable.Range(0, 100_001).Select(i => (float)i)], contamination: 0.01);
        Assert.HasCount(10_001, scores.Quantiles);
        Assert.AreEqual(99_005, scores.Threshold, 10);
        Assert.AreEqual(25, scores.PercentileOf(25_000), 0.01);
    }
}
