using Microsoft.ML;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Distillation;

/// <summary>Generations, from a data view to a model.</summary>
[TestClass]
public sealed class BornAgainNetworkTests
{
    [TestMethod]
    public void Each_generation_can_be_read_and_saved_alone()
    {
        MemoryView rows = Lessons.Rows();
        using BornAgainNetworkTransformer model = Fit(rows, new() { Output = BornAgainOutput.Last });
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, model.GenerationNumbers.ToArray());
        CollectionAssert.AreEqual(new[] { 2 }, model.OutputGenerations.ToArray());
        DistillationTests.AssertSame(DistillationTests.Scores(model, rows), DistillationTests.Scores(model.Generations[2], rows), 0);
        using var file = new MemoryStream();
        new MLContext().Model.Save(model.Generations[1], rows.Schema, file);
        using var alone = (DistillationTransformer)new MLContext().Model.Load(file, out _);
        DistillationTests.AssertSame(DistillationTests.Scores(model.Generations[1], rows), DistillationTests.Scores(alone, rows), 0);
    }

    [TestMethod]
    public void A_saved_model_has_all_its_generations()
    {
        MemoryView rows = Lessons.Rows();
        using BornAgainNetworkTransformer model = Fit(rows, new() { Output = BornAgainOutput.Ensemble }),
            few = Fit(rows, new() { Output = BornAgainOutput.Ensemble, KeepGenerations = false });
        foreach (BornAgainNetworkTransformer saved in (BornAgainNetworkTransformer[])[model, few])
        {
            using var file = new MemoryStream();
            new MLContext().Model.Save(saved, rows.Schema, file);
            using var loaded = (BornAgainNetworkTransformer)new MLContext().Model.Load(file, out _);
            CollectionAssert.AreEqual(saved.GenerationNumbers.ToArray(), loaded.GenerationNumbers.ToArray());
            CollectionAssert.AreEqual(new[] { 1, 2 }, loaded.OutputGenerations.ToArray());
            Assert.IsNull(loaded.Report);
            DistillationTests.AssertSame(DistillationTests.Scores(model, rows), DistillationTests.Scores(loaded, rows), 0);
        }

        CollectionAssert.AreEqual(new[] { 1, 2 }, few.GenerationNumbers.ToArray());
    }

    // The mean of probabilities, which is not the softmax of the mean logits.
    [TestMethod]
    public void The_ensemble_is_the_mean_of_the_probabilities_without_the_teacher()
    {
        MemoryView rows = Lessons.Rows();
        using BornAgainNetworkTransformer model = Fit(rows, new() { Output = BornAgainOutput.Ensemble });
        float[][] first = DistillationTests.Scores(model.Generations[1], rows), second = DistillationTests.Scores(model.Generations[2], rows);
        float[][] mean = [.. first.Zip(second, (one, other) => one.Zip(other, (a, b) => (a + b) / 2).ToArray())];
        DistillationTests.AssertSame(mean, DistillationTests.Scores(model, rows), 1e-6);
        Assert.AreEqual("ensemble", model.Report!.Models[^1].Name);
    }

    [TestMethod]
    public void Generations_begin_from_other_weights()
    {
        MemoryView rows = Lessons.Rows();
        using BornAgainNetworkTransformer model = Fit(rows, new() { Output = BornAgainOutput.Last, Epochs = 1, LearningRate = 1e-6 });
        float[][][] scores = [.. model.Generations.Select(generation => DistillationTests.Scores(generation, rows))];
        for (int generation = 1; generation < scores.Length; generation++)
        {
            double distance = scores[0].Zip(scores[generation]).Max(pair => Math.Abs(pair.First[0] - pair.Second[0]));
            Assert.IsGreaterThan(0.05, distance, "A network that began as its teacher did would have nothing to learn.");
        }
    }

    // Validation rows whose labels are those of generation 0: every later one, trained with hardly any steps, is worse.
    [TestMethod]
    public void The_best_generation_on_the_validation_rows_may_be_the_first()
    {
        MemoryView rows = Lessons.Rows(300), validation = Lessons.Rows(90, seed: 6);
        foreach (double decay in new[] { 0, 0.05 })
        {
            using BornAgainNetworkTransformer model =
                Fit(rows, new() { Output = BornAgainOutput.BestOnValidation, Validation = validation, Epochs = 20, L2 = decay });
            IReadOnlyList<DistillationReportEntry> entries = model.Report!.Models;
            int best = Enumerable.Range(0, 3).MinBy(generation => entries[generation].ValidationLoss);
            CollectionAssert.AreEqual(new[] { best }, model.OutputGenerations.ToArray());
            CollectionAssert.AreEqual(new[] { best }, Enumerable.Range(0, 3).Where(generation => entries[generation].IsOutput).ToArray());
            double loss = DistillationTests.Scores(model, validation).Select((scores, row) => -Math.Log(scores[row % 3])).Average();
            Assert.AreEqual(entries[best].ValidationLoss!.Value, loss, 1e-6);
            // A strong decay pulls every generation further to the uniform distribution.
            if (decay > 0)
                Assert.AreEqual(0, best, model.Report.ToString());
        }
    }

    [TestMethod]
    public void Objectives_differ_and_permutations_are_drawn_once_or_anew()
    {
        MemoryView rows = Lessons.Rows();
        float[][] ban = Last(new() { Objective = BornAgainObjective.Ban }), labels = Last(new() { Objective = BornAgainObjective.BanWithLabels });
        float[][] weighted = Last(new() { Objective = BornAgainObjective.ConfidenceWeighted }),
            permuted = Last(new() { Objective = BornAgainObjective.PermutedPredictions });
        float[][] once = Last(new() { Objective = BornAgainObjective.PermutedPredictions, PermuteOnce = true });
        float[][][] all = [ban, labels, weighted, permuted, once];
        for (int i = 0; i < all.Length; i++)
        {
            for (int j = 0; j < i; j++)
                Assert.IsTrue(all[i].Zip(all[j]).Any(pair => Math.Abs(pair.First[0] - pair.Second[0]) > 1e-3), $"{i} and {j}");
        }

        // λ = 0 leaves the teacher alone.
        DistillationTests.AssertSame(ban, Last(new() { Objective = BornAgainObjective.BanWithLabels, LabelWeight = 0 }), 0);

        float[][] Last(BornAgainOptions options)
        {
            (options.Output, options.Generations) = (BornAgainOutput.Last, 1);
            using BornAgainNetworkTransformer model = Fit(rows, options);
            return DistillationTests.Scores(model, rows);
        }
    }

    [TestMethod]
    public void Rows_without_a_label_teach_the_later_generations_or_are_an_error()
    {
        MemoryView half = Lessons.Rows(key: row => row < 24 ? (uint)(1 + (row % 3)) : 0), first = half.Take(Enumerable.Range(0, 24));
        using BornAgainNetworkTransformer all = Fit(half, new() { Output = BornAgainOutput.Last, ValidationFraction = 0 }),
            labelled = Fit(first, new() { Output = BornAgainOutput.Last, ValidationFraction = 0 });
        DistillationTests.AssertSame(DistillationTests.Scores(labelled.Generations[0], half), DistillationTests.Scores(all.Generations[0], half), 0);
        Assert.IsTrue(DistillationTests.Scores(labelled, half).Zip(DistillationTests.Scores(all, half)).Any(pair => pair.First[0] != pair.Second[0]));
        Assert.AreEqual(24, all.Report!.UnlabelledRows);
        InvalidOperationException error =
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(half, new() { Objective = BornAgainObjective.ConfidenceWeighted }));
        StringAssert.Contains(error.Message, "24 rows");
    }

    // 12 of 48 rows have a label: drawn from all rows, some seeds would hold out none of them.
    [TestMethod]
    public void Rows_to_validate_on_are_drawn_from_those_with_a_label()
    {
        MemoryView few = Lessons.Rows(key: row => row < 12 ? (uint)(1 + (row % 3)) : 0);
        for (int seed = 1; seed <= 12; seed++)
        {
            using BornAgainNetworkTransformer model = Fit(few, new() { ValidationFraction = 0.1, Seed = seed, Epochs = 1, Generations = 1 });
            Assert.AreEqual((1, 47, 36), (model.Report!.ValidationRows, model.Report.TrainingRows, model.Report.UnlabelledRows));
        }

        MemoryView two = Lessons.Rows(key: row => row < 2 ? (uint)(1 + row) : 0);
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(two, new() { ValidationFraction = 0.1 }));
        Assert.AreEqual("ValidationFraction is 0.1: of 2 rows with a label 0 would be held out, but at least 1 must be, and at least 2 must be left. " +
            "Choose another part or add rows.", error.Message);
    }

    [TestMethod]
    public void Two_classes_have_nothing_to_permute()
    {
        MemoryView two = Lessons.Rows(key: row => (uint)(1 + (row % 2)), names: ["ant", "bee"]);
        InvalidOperationException error =
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(two, new() { Objective = BornAgainObjective.PermutedPredictions }));
        StringAssert.Contains(error.Message, "at least 3");
    }

    [TestMethod]
    public void Options_that_contradict_each_other_are_refused()
    {
        ArgumentOutOfRangeException best = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(Lessons.Rows(), new() { ValidationFraction = 0 }));
        StringAssert.Contains(best.Message, "needs Validation");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Fit(Lessons.Rows(), new() { Objective = BornAgainObjective.ConfidenceWeighted, Temperature = 2 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(Lessons.Rows(), new() { ImageShape = new(1, 2, 2), HiddenChannels = [4, 4] }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(Lessons.Rows(), new() { CoordinateLayers = CoordinateLayers.First }));
    }

    [TestMethod]
    public void Progress_goes_from_the_first_generation_to_the_last()
    {
        var reports = new List<TrainingProgress>();
        using BornAgainNetworkTransformer model = Fit(Lessons.Rows(), new() { Progress = new Reports(reports.Add) });
        Assert.AreEqual(1, reports[^1].Fraction, 1e-9);
        Assert.AreEqual(reports[^1].Steps, reports[^1].Step);
        CollectionAssert.AreEqual(reports.Select(report => report.Fraction).Order().ToArray(), reports.Select(report => report.Fraction).ToArray());
    }

    // Stopped in generation 1, and anew: generation 0 is not trained again, and the result is that of a fit that was not stopped.
    [TestMethod]
    public void A_fit_that_was_stopped_goes_on_after_the_generations_that_are_done()
    {
        MemoryView rows = Lessons.Rows();
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            using BornAgainNetworkTransformer unbroken = Fit(rows, new() { Output = BornAgainOutput.Last });
            var stop = new Reports(report => _ = report.Fraction > 0.4 ? throw new OperationCanceledException() : 0);
            Assert.ThrowsExactly<OperationCanceledException>(() =>
                Fit(rows, new() { Output = BornAgainOutput.Last, CheckpointFolder = folder, CheckpointInterval = 1, Progress = stop }));
            Assert.IsTrue(File.Exists(Path.Combine(folder, "generation-0.network")));
            Assert.ThrowsExactly<InvalidOperationException>(() =>
                Fit(rows, new() { Output = BornAgainOutput.Last, CheckpointFolder = folder, CheckpointInterval = 1, LearningRate = 0.004 }));
            double? first = null;
            var watch = new Reports(report => first ??= report.Fraction);
            using BornAgainNetworkTransformer resumed =
                Fit(rows, new() { Output = BornAgainOutput.Last, CheckpointFolder = folder, CheckpointInterval = 1, Progress = watch });
            Assert.IsGreaterThan(1 / 3.0, first!.Value);
            DistillationTests.AssertSame(DistillationTests.Scores(unbroken, rows), DistillationTests.Scores(resumed, rows), 0);
            Assert.IsEmpty(Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // What a fit that holds nothing out gives for the generation that was chosen: all rows were learned, by the same initial weights.
    [TestMethod]
    public void The_chosen_generation_learns_the_rows_that_were_held_out()
    {
        var choices = new HashSet<int>();
        foreach ((int each, double rate) in new[] { (5, 0.001), (7, 0.01) })
        {
            MemoryView rows = WrongLabels(each);
            using BornAgainNetworkTransformer model = Fit(rows, Long(rate));
            int chosen = model.OutputGenerations.Single();
            choices.Add(chosen);
            BornAgainOptions last = Long(rate);
            (last.Output, last.ValidationFraction) = (BornAgainOutput.Last, 0);
            using BornAgainNetworkTransformer all = Fit(rows, last);
            DistillationTests.AssertSame(DistillationTests.Scores(all.Generations[chosen], rows), DistillationTests.Scores(model, rows), 0);
            CollectionAssert.AreEqual(Enumerable.Range(0, chosen + 1).ToArray(), model.GenerationNumbers.ToArray());
            for (int generation = 0; generation <= chosen; generation++)
            {
                DistillationTests.AssertSame(
                    DistillationTests.Scores(all.Generations[generation], rows), DistillationTests.Scores(model.Generations[generation], rows), 0);
            }

            // The report compares the generations that did not learn the held-out rows, and then says what the one that did is like.
            DistillationReport report = model.Report!;
            Assert.AreEqual((54, 6), (report.TrainingRows, report.ValidationRows));
            CollectionAssert.AreEqual(
                new[] { "generation 0", "generation 1", "generation 2", $"refit {chosen}" }, report.Models.Select(entry => entry.Name).ToArray());
            CollectionAssert.AreEqual(new[] { false, false, false, true }, report.Models.Select(entry => entry.IsOutput).ToArray());
            Assert.AreEqual(chosen, Enumerable.Range(0, 3).MinBy(generation => report.Models[generation].ValidationLoss));
            Assert.IsNull(report.Models[^1].ValidationLoss);
            double loss = DistillationTests.Scores(model, rows).Select((scores, row) => -Math.Log(Math.Max(scores[LabelOf(row, each)], 1e-15))).Average();
            Assert.AreEqual(loss, report.Models[^1].TrainingLoss!.Value, 1e-5);
        }

        CollectionAssert.AreEquivalent(new[] { 0, 2 }, choices.ToArray(), "Both ends should be tried.");
    }

    [TestMethod]
    public void Only_the_generation_that_scores_is_kept_of_those_trained_again_if_the_options_say_so()
    {
        MemoryView rows = WrongLabels(5);
        BornAgainOptions few = Long();
        few.KeepGenerations = false;
        using BornAgainNetworkTransformer all = Fit(rows, Long()), one = Fit(rows, few);
        Assert.IsGreaterThan(0, all.OutputGenerations.Single());
        CollectionAssert.AreEqual(all.OutputGenerations.ToArray(), one.GenerationNumbers.ToArray());
        DistillationTests.AssertSame(DistillationTests.Scores(all, rows), DistillationTests.Scores(one, rows), 0);
    }

    // Last never trains anything again, and trains the same generations.
    [TestMethod]
    public void Held_out_rows_stay_unlearned_if_the_options_say_so_or_others_validate_or_they_stop_the_training()
    {
        MemoryView rows = Lessons.Rows(60), validation = Lessons.Rows(30, seed: 6);
        Func<BornAgainOptions>[] settings =
        [
            () => new() { RefitOnAllRows = false },
            () => new() { Validation = validation },
            () => new() { Patience = 2, ValidationInterval = 2 },
        ];
        foreach (Func<BornAgainOptions> setting in settings)
        {
            BornAgainOptions last = setting();
            last.Output = BornAgainOutput.Last;
            using BornAgainNetworkTransformer chosen = Fit(rows, setting()), generations = Fit(rows, last);
            CollectionAssert.AreEqual(new[] { 0, 1, 2 }, chosen.GenerationNumbers.ToArray());
            DistillationTests.AssertSame(
                DistillationTests.Scores(generations.Generations[chosen.OutputGenerations[0]], rows), DistillationTests.Scores(chosen, rows), 0);
            Assert.HasCount(3, chosen.Report!.Models);
        }
    }

    // Stopped in each of the generations, those that are trained again too.
    [TestMethod]
    public void A_fit_that_was_stopped_while_it_trains_again_goes_on_there()
    {
        MemoryView rows = WrongLabels(5);
        using BornAgainNetworkTransformer unbroken = Fit(rows, Long());
        Assert.IsGreaterThan(0, unbroken.OutputGenerations.Single());
        double[] parts = [0.1, 0.3, 0.45, 0.7, 0.95];
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            foreach (double part in parts)
            {
                var stop = new Reports(report => _ = report.Fraction > part && report.Fraction < 1 ? throw new OperationCanceledException() : 0);
                Assert.ThrowsExactly<OperationCanceledException>(() => Fit(rows, Resumable(stop)));
            }

            double? first = null;
            using BornAgainNetworkTransformer resumed = Fit(rows, Resumable(new Reports(report => first ??= report.Fraction)));
            Assert.IsGreaterThan(0.9, first!.Value);
            CollectionAssert.AreEqual(unbroken.OutputGenerations.ToArray(), resumed.OutputGenerations.ToArray());
            DistillationTests.AssertSame(DistillationTests.Scores(unbroken, rows), DistillationTests.Scores(resumed, rows), 0);
            Assert.IsEmpty(Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        BornAgainOptions Resumable(IProgress<TrainingProgress> progress)
        {
            BornAgainOptions options = Long();
            (options.CheckpointFolder, options.CheckpointInterval, options.Progress) = (folder, 1, progress);
            return options;
        }
    }

    [TestMethod]
    public void A_time_limit_is_shared_by_all_that_is_trained()
    {
        var reports = new List<TrainingProgress>();
        using BornAgainNetworkTransformer model =
            Fit(Lessons.Rows(60), new() { Epochs = int.MaxValue, TimeLimit = TimeSpan.FromSeconds(0.6), Progress = new Reports(reports.Add) });
        Assert.AreEqual(1, reports[^1].Fraction);
        CollectionAssert.AreEqual(reports.Select(report => report.Fraction).Order().ToArray(), reports.Select(report => report.Fraction).ToArray());
        Assert.HasCount(model.OutputGenerations[0] + 1, model.Generations);
    }

    // One label in so many is wrong.
    private static MemoryView WrongLabels(int each) => Lessons.Rows(60, key: row => (uint)(1 + LabelOf(row, each)));

    private static int LabelOf(int row, int each) => (row + (row % each == 0 ? 1 : 0)) % 3;

    private static BornAgainOptions Long(double rate = 0.001) => new() { Epochs = 20, LearningRate = rate };

    private static BornAgainNetworkTransformer Fit(IDataView rows, BornAgainOptions options)
    {
        (options.HiddenUnits, options.BatchSize) = ([6], 12);
        options.Epochs = options.Epochs == 50 ? 3 : options.Epochs;
        options.Generations = options.Generations == 3 ? 2 : options.Generations;
        return new MLContext(1).MulticlassClassification.Trainers.BornAgainNetwork(options: options).Fit(rows);
    }

    private sealed class Reports(Action<TrainingProgress> receive) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => receive(value);
    }
}
