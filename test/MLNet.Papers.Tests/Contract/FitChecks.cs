using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML;
using TorchSharp;

namespace MLNet.Papers.Tests.Contract;

/// <summary>What the contract says about fitting.</summary>
internal static class FitChecks
{
    [Point(16)]
    public static void The_same_seed_gives_the_same_model(Workout workout)
    {
        ITransformer model = workout.Fit();
        PersistenceChecks.AssertSameFiles("The .zip of a model fitted with the same seed", workout.File, workout.Save(model));
        (model as IDisposable)?.Dispose();
    }

    [Point(16)]
    public static void Another_seed_gives_another_model(Workout workout)
    {
        if (!workout.Case.IsRandom)
            return;
        ITransformer model = workout.Fit(seed: 2);
        string? difference = workout.Expected.FindDifference(Table.Read(model.Transform(workout.Data)), Tolerance.Rounding);
        Assert.IsNotNull(difference, "A model fitted with another seed must give other values.");
        (model as IDisposable)?.Dispose();
    }

    [Point(16)]
    public static void Fitting_twice_gives_two_independent_models(Workout workout)
    {
        IEstimator<ITransformer> estimator = workout.Create(Workout.NewContext());
        ITransformer first = Expect.Works("Fit", () => estimator.Fit(workout.Data));
        byte[] file = workout.Save(first);
        Table expected = Table.Read(first.Transform(workout.Data));
        // Other data in between: what the estimator remembers of them would show.
        ITransformer second = Expect.Works("A second Fit", () => estimator.Fit(workout.Data.Cycle(workout.Data.Count - 3)));
        ITransformer third = Expect.Works("A third Fit", () => estimator.Fit(workout.Data));
        Assert.AreNotSame(first, third, "Fitting twice must give two models.");
        PersistenceChecks.AssertSameFiles("The .zip of the first model after a second fit", file, workout.Save(first));
        PersistenceChecks.AssertSameFiles("The .zip of a model fitted to the same data with the same estimator", file, workout.Save(third));
        (first as IDisposable)?.Dispose();
        (second as IDisposable)?.Dispose();
        Table actual = Expect.Works("A model after disposing another one of the same estimator", () => Table.Read(third.Transform(workout.Data)));
        Expect.SameValues("A model after disposing another one of the same estimator", expected, actual, Tolerance.Reload);
        (third as IDisposable)?.Dispose();
    }

    [Point(17)]
    public static void Fitting_no_rows_is_a_clear_error(Workout workout)
    {
        if (!workout.Case.Learns)
        {
            (workout.Fit(workout.Data.Take([])) as IDisposable)?.Dispose();
            return;
        }

        Exception error = Expect.Throws(
            "Fit on no rows", () => workout.Create(Workout.NewContext()).Fit(workout.Data.Take([])), typeof(InvalidOperationException));
        Assert.IsTrue(
            error.Message.Contains("row", StringComparison.OrdinalIgnoreCase), $"Fit on no rows must say that rows are missing, but said: {error.Message}");
    }

    [Point(17)]
    public static void Fitting_one_row_works_or_is_a_clear_error(Workout workout)
    {
        ITransformer? model = null;
        try
        {
            model = workout.Create(Workout.NewContext()).Fit(workout.Data.Take([0]));
        }
        catch (InvalidOperationException exception)
        {
            bool isClear = exception.Message.Contains("row", StringComparison.OrdinalIgnoreCase);
            Assert.IsTrue(isClear, $"Fit on one row must work or say what rows are missing, but said: {exception.Message}");
        }
        catch (Exception exception) when (exception is not UnitTestAssertException)
        {
            Assert.Fail($"Fit on one row must work or throw InvalidOperationException, but threw {Expect.Text(exception)}");
        }

        (model as IDisposable)?.Dispose();
    }

    [Point(17)]
    public static void Fitting_one_row_more_than_a_batch_works(Workout workout) =>
        (workout.Fit(workout.Data.Cycle(BatchSize.Of(workout.Model) + 1)) as IDisposable)?.Dispose();

    [Point(18)]
    public static void Fitting_numbers_that_are_not_finite_is_a_clear_error(Workout workout)
    {
        if (!workout.Case.Learns)
            return;
        const int Row = 3;
        foreach (DataViewSchema.Column column in Numbers.Among(workout.Inputs()))
        {
            foreach (double number in Numbers.NotFinite)
            {
                string what = string.Create(CultureInfo.InvariantCulture, $"Fit with {number} in '{column.Name}'");
                MemoryView data = workout.Data.WithNumber(column.Name, Row, number);
                Exception error = Expect.Throws(what, () => workout.Create(Workout.NewContext()).Fit(data), typeof(InvalidOperationException));
                Assert.Contains($"'{column.Name}'", error.Message, $"{what} must name the column.");
                Assert.IsTrue(Regex.IsMatch(error.Message, $@"\brow {Row}\b"), $"{what} must name row {Row}, but said: {error.Message}");
            }
        }
    }

    [Point(18)]
    public static void Fitting_huge_numbers_never_gives_a_model_without_values(Workout workout)
    {
        foreach (DataViewSchema.Column column in Numbers.Among(workout.Inputs()))
        {
            MemoryView data = workout.Data.WithNumber(column.Name, 3, float.MaxValue);
            ITransformer model;
            try
            {
                model = workout.Create(Workout.NewContext()).Fit(data);
            }
            catch (InvalidOperationException)
            {
                continue;
            }

            Table scores = Expect.Works(
                "Scoring with a model that was fitted to a huge number", () => Table.Read(model.Transform(workout.Data), workout.Outputs()));
            foreach (DataViewSchema.Column output in workout.Outputs())
            {
                bool isSilent = scores.Columns[output.Index].All(value => value switch
                {
                    float number => float.IsNaN(number),
                    double number => double.IsNaN(number),
                    float[] { Length: > 0 } numbers => numbers.All(float.IsNaN),
                    _ => false,
                });
                Assert.IsFalse(isSilent,
                    $"Fit with a huge number in '{column.Name}' must fail or give a model with values for '{output.Name}', but it is NaN for all rows.");
            }

            (model as IDisposable)?.Dispose();
        }
    }

    [Point(19)]
    public static void Cancelling_from_another_thread_ends_the_fit_within_a_second(Workout workout)
    {
        if (!workout.Case.Learns || workout.Case.EndsSoon)
            return;
        Table.Read(workout.Model.Transform(workout.Data));
        MLContext ml = Workout.NewContext();
        var started = new ManualResetEventSlim();
        TechniqueOptions options = workout.Case.EndlessOptions(started.Set);
        bool isLongest = TechniqueOptions.Properties(options.GetType()).Any(property => property.GetValue(options) is int.MaxValue);
        Assert.IsTrue(isLongest, $"{nameof(IEstimatorCase.EndlessOptions)} must ask for {int.MaxValue} epochs or steps.");
        IEstimator<ITransformer> estimator = workout.Create(ml, options);
        long cancelled = 0;
        var canceller = new Thread(() =>
        {
            started.Wait();
            Volatile.Write(ref cancelled, Stopwatch.GetTimestamp());
            ml.CancelExecution();
        });
        canceller.Start();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        try
        {
            Expect.Throws("A cancelled Fit", () => estimator.Fit(workout.Data), typeof(OperationCanceledException));
            TimeSpan taken = Stopwatch.GetElapsedTime(Volatile.Read(ref cancelled));
            Assert.IsLessThan(1, taken.TotalSeconds, $"A cancelled Fit must end within a second, but took {taken.TotalSeconds:F1} s.");
            Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "A cancelled Fit must free every tensor.");
        }
        finally
        {
            started.Set();
            canceller.Join();
        }
    }

    /// <remarks>What ends soon nobody can come to cancel: a case that only says so would hide a fit that cannot be cancelled.</remarks>
    [Point(19)]
    public static void A_fit_that_is_said_to_end_soon_ends_soon(Workout workout)
    {
        if (!workout.Case.EndsSoon)
            return;
        const int Seconds = 5;
        MLContext ml = Workout.NewContext();
        IEstimator<ITransformer> estimator = workout.Create(ml, workout.Case.EndlessOptions(() => { }));
        using var late = new Timer(_ => ml.CancelExecution(), null, TimeSpan.FromSeconds(Seconds), Timeout.InfiniteTimeSpan);
        try
        {
            (estimator.Fit(workout.Data) as IDisposable)?.Dispose();
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"A Fit must end within {Seconds} s where {nameof(IEstimatorCase.EndsSoon)} says that it ends soon whatever the options say.");
        }
    }

    [Point(19)]
    public static void A_context_that_was_cancelled_does_not_fit(Workout workout)
    {
        if (!workout.Case.Learns)
            return;
        MLContext ml = Workout.NewContext();
        IEstimator<ITransformer> estimator = workout.Create(ml);
        ml.CancelExecution();
        Expect.Throws("Fit in a cancelled context", () => estimator.Fit(workout.Data), typeof(OperationCanceledException));
    }

    [Point(19)]
    public static void A_model_scores_in_a_context_that_was_cancelled(Workout workout)
    {
        MLContext ml = Workout.NewContext();
        ITransformer model = Expect.Works("Fit", () => workout.Create(ml).Fit(workout.Data));
        Table expected = Table.Read(model.Transform(workout.Data));
        ml.CancelExecution();
        Table actual = Expect.Works("Scoring in a cancelled context, as after a trial of AutoML,", () => Table.Read(model.Transform(workout.Data)));
        Expect.SameValues("In a cancelled context, the model", expected, actual, Tolerance.Reload);
        (model as IDisposable)?.Dispose();
    }

    /// <remarks>Rows may be slow to come: what is looked at once in a batch of them is looked at too late.</remarks>
    [Point(27)]
    public static void A_fit_that_is_cancelled_while_it_reads_reads_no_further(Workout workout)
    {
        if (!workout.Case.Learns)
            return;
        // In the first pass over the rows, and in the second one where there is one.
        foreach (int row in new[] { 3, workout.Data.Count + 3 })
        {
            MLContext ml = Workout.NewContext();
            var data = new WatchedView(workout.Data, row, ml.CancelExecution);
            ITransformer? model = null;
            try
            {
                model = workout.Create(ml).Fit(data);
            }
            catch (OperationCanceledException)
            {
                // As it should be.
            }

            (model as IDisposable)?.Dispose();
            if (data.Rows >= row)
                Assert.IsNull(model, $"A Fit that is cancelled when it has read {row} rows must end in an OperationCanceledException.");
            Assert.IsLessThanOrEqualTo(
                row + 1, data.Rows, $"A Fit that is cancelled when it has read {row} rows must read one more at most, but read {data.Rows - row}.");
        }
    }

    [Point(PointAttribute.StyleGuide)]
    public static void Fit_leaves_the_random_state_of_torch_as_it_found_it(Workout workout)
    {
        byte[] before = RandomState();
        (workout.Fit() as IDisposable)?.Dispose();
        CollectionAssert.AreEqual(before, RandomState(), "Fit must leave torch's generator as it found it.");

        MLContext ml = Workout.NewContext();
        try
        {
            workout.Create(ml, workout.Case.EndlessOptions(ml.CancelExecution)).Fit(workout.Data);
        }
        catch (Exception)
        {
            // How a cancelled fit ends is another check's business.
        }

        CollectionAssert.AreEqual(before, RandomState(), "A Fit that fails must leave torch's generator as it found it.");
    }

    private static byte[] RandomState()
    {
        using torch.Tensor state = torch.random.get_rng_state();
        return state.data<byte>().ToArray();
    }
}
