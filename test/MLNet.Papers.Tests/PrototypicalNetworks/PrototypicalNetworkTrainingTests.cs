using System.Text.RegularExpressions;
using Microsoft.ML;
using MLNet.Papers.Tests.Scoring;
using MLNet.Papers.Tests.Training;
using TorchSharp;

namespace MLNet.Papers.Tests.PrototypicalNetworks;

/// <summary>The training loop as a user of the trainer meets it.</summary>
[TestClass]
public sealed class PrototypicalNetworkTrainingTests
{
    [TestMethod]
    [DataRow(1, 0.08)]    // steps 0 and 1 at the start
    [DataRow(2, 0.08)]
    [DataRow(3, 0.04)]    // 0.08 / 2 from step 2 on
    [DataRow(4, 0.04)]
    [DataRow(5, 0.02)]    // 0.08 / 4 from step 4 on
    public void The_learning_rate_is_halved(int episodes, double expected) =>
        Assert.AreEqual(
            expected, LastLearningRate(new() { LearningRate = 0.08, LearningRateDecay = LearningRateDecay.Halving, HalvingInterval = 2 }, episodes), 1e-12);

    [TestMethod]
    [DataRow(1, 0.08)]                 // the last of 1 step: cos(0)
    [DataRow(2, 0.04)]                 // of 2: (1 + cos(pi / 2)) / 2 = 1/2
    [DataRow(3, 0.02)]                 // of 3: (1 + cos(2 pi / 3)) / 2 = 1/4
    [DataRow(4, 0.011715728752538)]    // of 4: (1 + cos(3 pi / 4)) / 2 = (2 - sqrt 2) / 4
    public void The_learning_rate_falls_along_a_cosine(int episodes, double expected) =>
        Assert.AreEqual(expected, LastLearningRate(new() { LearningRate = 0.08, LearningRateDecay = LearningRateDecay.Cosine }, episodes), 1e-12);

    [TestMethod]
    [DataRow(2, 0.008)]     // the last of 2 steps begins in the middle
    [DataRow(3, 0.008)]     // of 3: at two thirds
    [DataRow(4, 0.0008)]    // of 4: at three quarters
    [DataRow(1, 0.08)]
    public void The_learning_rate_falls_to_tenths(int episodes, double expected) =>
        Assert.AreEqual(expected, LastLearningRate(new() { LearningRate = 0.08, LearningRateDecay = LearningRateDecay.Tenths }, episodes), 1e-12);

    [TestMethod]
    public void The_learning_rate_stays() =>
        Assert.AreEqual(0.08, LastLearningRate(new() { LearningRate = 0.08, LearningRateDecay = LearningRateDecay.None, HalvingInterval = 1 }, 9), 1e-12);

    [TestMethod]
    public void A_learning_rate_that_is_far_too_great_is_named_with_the_step()
    {
        PrototypicalNetworkOptions options = Clusters.Quick();
        options.LearningRate = 1e30;
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Clusters.Fit(new MLContext(seed: 1), Clusters.Keyed(3, 6, 3), options));
        StringAssert.Matches(exception.Message, new Regex(
            "^The loss is (NaN|Infinity|-Infinity) at step 2 with learning rate 1E\\+30\\. " +
            "Lower the learning rate, normalize the features or set MaxGradientNorm\\.$"));
    }

    [TestMethod]
    public void Features_that_are_far_too_large_stop_training()
    {
        var data = new HandWrittenView(
            HandWrittenColumn.Vectors("Features", [.. Clusters.Features(3, 6, 3).Select(row => row.Select(value => value * 1e30f).ToArray())]),
            HandWrittenColumn.Keys("Label", [.. Clusters.Labels(3, 6).Select(index => (uint)index + 1)]));
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Clusters.Fit(new MLContext(seed: 1), data));
        StringAssert.StartsWith(exception.Message, "The loss is ", StringComparison.Ordinal);
        StringAssert.Contains(exception.Message, " at step 1 with learning rate 0.01. ", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Training_lowers_the_loss()
    {
        var progress = new ProgressList();
        PrototypicalNetworkOptions options = Clusters.Quick(episodes: 100);
        options.Progress = progress;
        using PrototypicalNetworkTransformer model = Clusters.Fit(new MLContext(seed: 1), Clusters.Keyed(5, 8, 4, spread: 0.3), options);
        Assert.IsLessThan(0.5 * progress.Reports[0].Loss, progress.Reports[^1].Loss);
        Assert.AreEqual((100L, 100L, 1d), (progress.Reports[^1].Step, progress.Reports[^1].Steps, progress.Reports[^1].Fraction));
    }

    [TestMethod]
    public void A_time_limit_ends_training_with_a_model()
    {
        PrototypicalNetworkOptions options = Clusters.Quick(episodes: int.MaxValue);
        options.TimeLimit = TimeSpan.FromTicks(1);
        HandWrittenView data = Clusters.Keyed(3, 6, 3);
        using PrototypicalNetworkTransformer model = Clusters.Fit(new MLContext(seed: 1), data, options);
        Assert.IsTrue(Rows.Vectors(model.Transform(data), "Score").SelectMany(scores => scores).All(float.IsFinite));
    }

    [TestMethod]
    public void Early_stopping_ends_training()
    {
        // At a learning rate of 0 but for rounding the validation loss never falls after the first.
        var progress = new ProgressList();
        PrototypicalNetworkOptions options = Clusters.Quick(episodes: 1000);
        (options.Validation, options.ValidationInterval, options.Patience, options.LearningRate, options.Progress) =
            (Clusters.Keyed(3, 6, 4, seed: 2), 5, 3, 1e-30, progress);
        using PrototypicalNetworkTransformer model = Clusters.Fit(new MLContext(seed: 1), Clusters.Keyed(3, 6, 4), options);
        Assert.AreEqual((20L, 1d), (progress.Reports[^1].Step, progress.Reports[^1].Fraction));  // best after 5; 10, 15 and 20 were no better
    }

    [TestMethod]
    public void Validation_episodes_are_the_same_each_time()
    {
        List<double?> losses = [];
        PrototypicalNetworkOptions options = Clusters.Quick(episodes: 1);
        (options.ValidationFraction, options.ValidationInterval, options.LearningRate) = (0.5, 1, 1e-30);
        for (int episodes = 1; episodes <= 3; episodes++)
        {
            var progress = new ProgressList();
            (options.Episodes, options.Progress) = (episodes, progress);
            using PrototypicalNetworkTransformer model = Clusters.Fit(new MLContext(seed: 1), Clusters.Keyed(6, 6, 4, spread: 0.5), options);
            losses.Add(progress.Reports[^1].ValidationLoss);
        }

        Assert.HasCount(1, losses.Distinct().ToArray(), string.Join(" ", losses));
        Assert.IsGreaterThan(0, losses[0]!.Value);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Nothing_is_left_of_a_fit_that_was_stopped(bool isImage)
    {
        PrototypicalNetworkOptions options = Clusters.Quick();
        if (isImage)
            (options.ImageShape, options.Filters, options.Blocks, options.Rotations, options.AffineJitter) = (new ImageShape(1, 4, 4), 4, 2, true, 1);
        (options.ValidationFraction, options.ValidationInterval) = (0.5, 1);
        HandWrittenView data = Clusters.Keyed(6, 6, 16);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var ml = new MLContext(seed: 1);
        options.Progress = new ProgressList(_ => ml.CancelExecution());
        Assert.ThrowsExactly<OperationCanceledException>(() => Clusters.Fit(ml, data, options));
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "cancelled");
        options.Progress = new ProgressList(_ => throw new TimeoutException());
        Assert.ThrowsExactly<TimeoutException>(() => Clusters.Fit(new MLContext(seed: 1), data, options));
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "Progress threw");
        (options.Progress, options.LearningRate) = (null, 1e30);
        Assert.ThrowsExactly<InvalidOperationException>(() => Clusters.Fit(new MLContext(seed: 1), data, options));
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "diverged");
    }

    [TestMethod]
    public void A_context_that_was_cancelled_before_does_not_read_the_data()
    {
        var ml = new MLContext(seed: 1);
        ml.CancelExecution();
        HandWrittenView data = Clusters.Keyed(3, 6, 4);
        Assert.ThrowsExactly<OperationCanceledException>(() => Clusters.Fit(ml, data));
        Assert.IsLessThanOrEqualTo(1, data.Moves);
        Assert.AreEqual(data.Cursors, data.Disposed);
    }

    [TestMethod]
    public void A_cancelled_context_still_scores()
    {
        var ml = new MLContext(seed: 1);
        HandWrittenView data = Clusters.Keyed(3, 6, 4);
        using PrototypicalNetworkTransformer model = Clusters.Fit(ml, data);
        ml.CancelExecution();
        Assert.HasCount(18, Rows.Vectors(model.Transform(data), "Score"));
        using PrototypicalNetworkTransformer changed = model.WithSupport(data);
        Assert.HasCount(18, Rows.Vectors(changed.Transform(data), "Score"));
    }

    [TestMethod]
    public void Support_in_turn_trains_too()
    {
        PrototypicalNetworkOptions options = Clusters.Quick(episodes: 100);
        var progress = new ProgressList();
        (options.SupportInTurn, options.Progress) = (true, progress);
        using PrototypicalNetworkTransformer model = Clusters.Fit(new MLContext(seed: 1), Clusters.Keyed(5, 8, 4, spread: 0.3), options);
        Assert.IsLessThan(0.5 * progress.Reports[0].Loss, progress.Reports[^1].Loss);
    }

    private static double LastLearningRate(PrototypicalNetworkOptions options, int episodes)
    {
        var progress = new ProgressList();
        (options.HiddenUnits, options.EmbeddingSize, options.Episodes, options.Progress) = ([2], 2, episodes, progress);
        using PrototypicalNetworkTransformer model = Clusters.Fit(new MLContext(seed: 1), Clusters.Keyed(3, 6, 3), options);
        return progress.Reports[^1].LearningRate;
    }
}
