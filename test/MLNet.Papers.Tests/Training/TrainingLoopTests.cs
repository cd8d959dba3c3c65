using Microsoft.ML;
using MLNet.Papers.Interop;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Training;

[TestClass]
public sealed class TrainingLoopTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Every_step_has_the_learning_rate_of_the_schedule()
    {
        // The gradient of w1 is 1, so w1 = -(1 + 1/2 + 1/4 + 1/8).
        using var task = new ScriptedTask((weights, _, _) => weights[0]);
        Run(task, new(), steps: 4, (step, _) => Math.Pow(0.5, step));
        CollectionAssert.AreEqual(new[] { -1.875f, 0 }, task.Weights);
    }

    [TestMethod]
    public void The_schedule_is_told_what_lies_behind()
    {
        List<(long, double)> asked = [];
        using var task = new ScriptedTask((weights, _, _) => weights[0]);
        Run(task, new(), steps: 4, (step, fraction) =>
        {
            asked.Add((step, fraction));
            return 1;
        });
        CollectionAssert.AreEqual(new (long, double)[] { (0, 0), (1, 0.25), (2, 0.5), (3, 0.75) }, asked.Distinct().ToArray());
    }

    [TestMethod]
    public void A_long_gradient_is_scaled_down()
    {
        // The gradient (3, 4) has length 5; with at most 1 it is (0.6, 0.8).
        using var task = new ScriptedTask((weights, _, _) => (3 * weights[0]) + (4 * weights[1]));
        Run(task, new() { MaxGradientNorm = 1 }, steps: 1, (_, _) => 1);
        Assert.AreEqual(-0.6f, task.Weights[0], 1e-6f);
        Assert.AreEqual(-0.8f, task.Weights[1], 1e-6f);
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(5.1)]
    public void A_gradient_that_is_not_too_long_is_left_alone(double? norm)
    {
        using var task = new ScriptedTask((weights, _, _) => (3 * weights[0]) + (4 * weights[1]));
        Run(task, new() { MaxGradientNorm = norm }, steps: 1, (_, _) => 1);
        CollectionAssert.AreEqual(new float[] { -3, -4 }, task.Weights);
    }

    [TestMethod]
    public void Gradients_do_not_pile_up()
    {
        // The slope of w^2 is 2w, so from w = -1 a step of 0.25 halves: -1, -1/2, -1/4. Added to the slope before, it would not.
        using var task = new ScriptedTask((weights, step, _) => step == 0 ? weights[0] : weights[0].square());
        Run(task, new(), steps: 3, (step, _) => step == 0 ? 1 : 0.25);
        CollectionAssert.AreEqual(new[] { -0.25f, 0 }, task.Weights);
    }

    [TestMethod]
    public void The_best_weights_are_kept()
    {
        // Step s leaves w1 = -s. Validations after 10, 20, 30 and 40 steps; the second is best.
        using var task = new ScriptedTask((weights, _, _) => weights[0], 3, 1, 2, 2.5);
        Run(task, new() { ValidationInterval = 10 }, steps: 40, (_, _) => 1);
        Assert.AreEqual((4, -20f), (task.Validations, task.Weights[0]));
    }

    [TestMethod]
    public void Training_stops_when_patience_ends()
    {
        using var task = new ScriptedTask((weights, _, _) => weights[0], 3, 4, 1, 2, 2.5);
        var progress = new ProgressList();
        Run(task, new() { ValidationInterval = 10, Patience = 2, Progress = progress }, steps: 1000, (_, _) => 1);
        Assert.AreEqual((5, -30f), (task.Validations, task.Weights[0]));  // 3 after 1 without a lower one, then 1 and two without
        TrainingProgress last = progress.Reports[^1];
        Assert.AreEqual((50L, 1000L, 1d, 2.5, TimeSpan.Zero), (last.Step, last.Steps, last.Fraction, last.ValidationLoss, last.Remaining));
        CollectionAssert.AreEqual(
            new double?[] { 3, 4, 1, 2, 2.5 }, progress.Reports.Where(report => report.Step % 10 == 0).Select(report => report.ValidationLoss).ToArray());
    }

    [TestMethod]
    public void An_equal_loss_is_no_better_one()
    {
        using var task = new ScriptedTask((weights, _, _) => weights[0], 1, 1);
        Run(task, new() { ValidationInterval = 10, Patience = 1 }, steps: 1000, (_, _) => 1);
        Assert.AreEqual((2, -10f), (task.Validations, task.Weights[0]));
    }

    [TestMethod]
    public void The_last_step_is_validated_too()
    {
        using var task = new ScriptedTask((weights, _, _) => weights[0], 3, 2);
        Run(task, new() { ValidationInterval = 10 }, steps: 13, (_, _) => 1);
        Assert.AreEqual((2, -13f), (task.Validations, task.Weights[0]));
    }

    [TestMethod]
    public void Without_validation_the_last_weights_are_kept()
    {
        using var task = new ScriptedTask((weights, _, _) => weights[0]);
        Run(task, new() { ValidationInterval = 1, Patience = 1 }, steps: 7, (_, _) => 1);
        Assert.AreEqual(-7f, task.Weights[0]);
        Assert.IsFalse(task.Network.training);
    }

    [TestMethod]
    [DataRow(float.NaN, "NaN")]
    [DataRow(float.PositiveInfinity, "Infinity")]
    [DataRow(float.NegativeInfinity, "-Infinity")]
    public void A_loss_that_is_not_finite_stops_training(float value, string text)
    {
        using var task = new ScriptedTask((weights, step, _) => step == 2 ? (weights[0] * 0) + value : weights[0]);
        AssertStops(
            task, new(), steps: 5, 0.5,
            $"The loss is {text} at step 3 with learning rate 0.5. Lower the learning rate, normalize the features or set MaxGradientNorm.");
    }

    [TestMethod]
    public void Weights_that_are_not_finite_are_no_model()
    {
        using var task = new ScriptedTask((weights, _, _) => weights[0] * 20);  // a step of 20 * 1e38 runs over
        AssertStops(
            task, new(), steps: 1, 1e38,
            "The weights are not finite at step 1 with learning rate 1E+38. Lower the learning rate, normalize the features or set MaxGradientNorm.");
    }

    [TestMethod]
    [DataRow(double.NaN, "NaN")]
    [DataRow(double.PositiveInfinity, "Infinity")]
    public void A_validation_loss_that_is_not_finite_stops_training(double value, string text)
    {
        using var task = new ScriptedTask((weights, _, _) => weights[0], 3, value, 1);
        AssertStops(
            task, new() { ValidationInterval = 1 }, steps: 3, 0.5,
            $"The validation loss is {text} at step 2 with learning rate 0.5. Lower the learning rate, normalize the features or set MaxGradientNorm.");
    }

    [TestMethod]
    public void Progress_goes_up_and_ends_at_1()
    {
        var progress = new ProgressList();
        using var task = new ScriptedTask((weights, step, _) => weights[0] + step);
        Run(task, new() { Progress = progress }, steps: 2000, (_, _) => 0.25);
        List<TrainingProgress> reports = progress.Reports;
        Assert.AreEqual((1L, 2000L, 0.0005, 0d), (reports[0].Step, reports[0].Steps, reports[0].Fraction, reports[0].Loss));
        // Step 2000 begins at w1 = -1999/4 and its loss is w1 + 1999.
        Assert.AreEqual(
            (2000L, 1d, 1999 * 0.75, 0.25, TimeSpan.Zero),
            (reports[^1].Step, reports[^1].Fraction, reports[^1].Loss, reports[^1].LearningRate, reports[^1].Remaining));
        foreach ((TrainingProgress earlier, TrainingProgress later) in reports.Zip(reports.Skip(1)))
        {
            Assert.IsGreaterThan(earlier.Step, later.Step);
            Assert.IsGreaterThan(earlier.Fraction, later.Fraction);
            Assert.IsGreaterThanOrEqualTo(earlier.Elapsed, later.Elapsed);
        }

        Assert.IsTrue(reports.All(report => report.ValidationLoss is null));
    }

    [TestMethod]
    public void A_time_limit_ends_training()
    {
        var progress = new ProgressList();
        using var task = new ScriptedTask((weights, _, _) => weights[0]);
        Run(task, new() { Progress = progress, TimeLimit = TimeSpan.FromMilliseconds(50) }, steps: long.MaxValue, (_, _) => 1);
        TrainingProgress last = progress.Reports[^1];
        Assert.AreEqual((1d, TimeSpan.Zero), (last.Fraction, last.Remaining));
        Assert.AreEqual(-last.Step, task.Weights[0]);
    }

    // By steps the schedule would never be told more than one in 2^63 of what lies behind.
    [TestMethod]
    public void With_a_time_limit_the_schedule_goes_by_time()
    {
        using var task = new ScriptedTask((weights, _, _) => weights[0]);
        Assert.ThrowsExactly<TimeoutException>(() => Run(
            task, new() { TimeLimit = TimeSpan.FromSeconds(10) }, steps: long.MaxValue, (_, fraction) => fraction > 1e-9 ? throw new TimeoutException() : 1));
    }

    [TestMethod]
    public void A_time_limit_that_is_not_reached_changes_nothing()
    {
        var progress = new ProgressList();
        using var task = new ScriptedTask((weights, _, _) => weights[0]);
        Run(task, new() { Progress = progress, TimeLimit = TimeSpan.FromDays(1) }, steps: 5, (_, _) => 1);
        Assert.AreEqual((5L, 1d, -5f), (progress.Reports[^1].Step, progress.Reports[^1].Fraction, task.Weights[0]));
    }

    [TestMethod]
    public void A_cancelled_context_stops_before_the_next_step()
    {
        using var task = new ScriptedTask((weights, step, _) =>
        {
            if (step == 2)
                _ml.CancelExecution();
            return weights[0];
        });
        var exception = Assert.ThrowsExactly<OperationCanceledException>(() => Run(task, new(), steps: 10, (_, _) => 1));
        Assert.AreEqual("The MLContext was cancelled (CancelExecution).", exception.Message);
        Assert.AreEqual(-3f, task.Weights[0]);
    }

    [TestMethod]
    public void Nothing_is_left_of_a_training_whatever_its_end()
    {
        AssertLeavesNothing(new() { ValidationInterval = 1 }, 1, null);
        AssertLeavesNothing(new() { Progress = new ProgressList(_ => _ml.CancelExecution()) }, 1, typeof(OperationCanceledException));
        AssertLeavesNothing(new() { Progress = new ProgressList(_ => throw new TimeoutException()) }, 1, typeof(TimeoutException), new MLContext());
        AssertLeavesNothing(new(), 1e30, typeof(InvalidOperationException), new MLContext());

        void AssertLeavesNothing(PrototypicalNetworkOptions options, double learningRate, Type? expected, MLContext? ml = null)
        {
            long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            using (var task = new ScriptedTask((weights, _, _) => weights.sum() + (weights[0] * weights[1]), 3, 2, 1) { UsesAdam = true })
            using (DisposeScope scope = NewDisposeScope())
            {
                Exception? caught = null;
                try
                {
                    new TrainingLoop(Host.EnvironmentOf((ml ?? _ml).Transforms), new TrainingPlan(options, 3, 1, (_, _) => learningRate, "x"), task).Run();
                }
                catch (Exception exception) when (exception is OperationCanceledException or TimeoutException or InvalidOperationException)
                {
                    caught = exception;
                }

                Assert.AreEqual(expected, caught?.GetType());
            }

            Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, $"{expected}");
        }
    }

    [TestMethod]
    public void Steps_do_not_pile_up_tensors()
    {
        List<long> counts = [];
        using var task = new ScriptedTask((weights, _, _) =>
        {
            counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            return weights.sum();
        })
        { UsesAdam = true };
        Run(task, new(), steps: 20, (_, _) => 1);
        Assert.AreEqual(counts[2], counts[^1]);  // after the first step the optimizer has its state
    }

    [TestMethod]
    public void What_training_does_is_in_the_log()
    {
        List<string> messages = [];
        _ml.Log += (_, entry) => messages.Add(entry.RawMessage);
        using var task = new ScriptedTask((weights, _, _) => weights[0] + 0.5, 3, 1, 2);
        Run(task, new() { ValidationInterval = 1, Patience = 1 }, steps: 10, (_, _) => 0.125);
        CollectionAssert.Contains(messages, "Step 1: validation loss 3, best 3.");
        CollectionAssert.Contains(messages, "Step 3: validation loss 2, best 1.");
        CollectionAssert.Contains(messages, "Training stops early: 1 validations without a lower loss.");
        Assert.IsTrue(
            messages.Exists(message => message.StartsWith("Step 3 of 10: loss 0.25, learning rate 0.125, ", StringComparison.Ordinal)),
            string.Join("\n", messages));
    }

    private void AssertStops(ScriptedTask task, PrototypicalNetworkOptions options, long steps, double learningRate, string message)
    {
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Run(task, options, steps, (_, _) => learningRate));
        Assert.AreEqual(message, exception.Message);
    }

    private void Run(ScriptedTask task, PrototypicalNetworkOptions options, long steps, LearningRateSchedule schedule) =>
        new TrainingLoop(Host.EnvironmentOf(_ml.Transforms), new TrainingPlan(options, steps, 1, schedule, "x"), task).Run();
}
