using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.FastText;

/// <summary>How long fastText learns, how fast, what is validated, and that an interrupted training goes on.</summary>
[TestClass]
public sealed class FastTextLearningTests
{
    // Rows, classes, and options; 4,000 rows a class are 20,000 of 5 classes.
    [TestMethod]
    [DataRow(20_000, 5, 0, 0.0, 5, 0.1)]
    [DataRow(19_999, 5, 0, 0.0, 5, 0.5)]  // 20,000 / 19,999 passes would do
    [DataRow(2_000, 5, 0, 0.0, 10, 0.5)]
    [DataRow(1_999, 5, 0, 0.0, 11, 0.5)]
    [DataRow(10, 5, 0, 0.0, 100, 0.5)]
    [DataRow(1, 1, 0, 0.0, 100, 0.5)]
    [DataRow(long.MaxValue, int.MaxValue, 0, 0.0, 5, 0.1)]
    [DataRow(10, int.MaxValue, 0, 0.0, 100, 0.5)]
    [DataRow(10, 5, 3, 0.0, 3, 0.1)]  // as the program has it, where either is set
    [DataRow(10, 5, 0, 0.3, 5, 0.3)]
    [DataRow(10, 5, 7, 0.3, 7, 0.3)]
    public void Little_data_is_read_more_often_and_learned_from_faster(
        long rows, int classes, int epochs, double rate, int expectedEpochs, double expectedRate) =>
        Assert.AreEqual((expectedEpochs, expectedRate), new FastTextClassifierOptions { Epochs = epochs, LearningRate = rate }.Schedule(rows, classes));

    [TestMethod]
    public void Few_texts_are_learned_with_the_defaults_and_the_log_says_how()
    {
        List<string> log = [];
        MLContext ml = Context(log);
        using FastTextClassifierTransformer model = Fit(ml, Topics(2_000, seed: 1), new());
        Assert.IsGreaterThan(0.9, Accuracy(model));
        Assert.ContainsSingle(entry => entry.Contains("Epochs = 40, LearningRate = 0.5: 2000 labels of 20 classes.", StringComparison.Ordinal), log);
        using FastTextClassifierTransformer original = Fit(ml, Topics(2_000, seed: 1), new() { Epochs = 5, LearningRate = 0.1 });
        Assert.IsLessThan(0.5, Accuracy(original));

        double Accuracy(FastTextClassifierTransformer classifier) =>
            ml.MulticlassClassification.Evaluate(classifier.Transform(Topics(1_000, seed: 2))).MicroAccuracy;
    }

    [TestMethod]
    public void Many_texts_are_learned_as_by_the_original_program()
    {
        MemoryView many = Labelled(12_000);
        FastTextClassifierOptions Options(int epochs, double rate) => new() { Dimension = 4, Epochs = epochs, LearningRate = rate };
        using FastTextClassifierTransformer chosen = Fit(Context(), many, Options(0, 0)), set = Fit(Context(), many, Options(5, 0.1));
        CollectionAssert.AreEqual(Saved(set), Saved(chosen));
    }

    [TestMethod]
    [DataRow(FastTextLoss.Softmax, 0.0)]
    [DataRow(FastTextLoss.NegativeSampling, 0.3)]
    [DataRow(FastTextLoss.HierarchicalSoftmax, 0.0)]
    [DataRow(FastTextLoss.OneVersusAll, 0.3)]
    public void An_interrupted_classifier_goes_on_where_it_was(FastTextLoss loss, double validationFraction)
    {
        FastTextClassifierOptions options = new()
        {
            Loss = loss,
            Dimension = 8,
            WordNgrams = 2,
            Buckets = 100,
            Epochs = 8,
            LearningRate = 0.4,
            ValidationFraction = validationFraction,
        };
        GoesOnWhereItWas(options, ml => Saved(Fit(ml, Labelled(90), options)));
    }

    [TestMethod]
    [DataRow(FastTextArchitecture.SkipGram, FastTextLoss.NegativeSampling)]
    [DataRow(FastTextArchitecture.Cbow, FastTextLoss.NegativeSampling)]
    [DataRow(FastTextArchitecture.SkipGram, FastTextLoss.HierarchicalSoftmax)]
    public void Interrupted_word_vectors_go_on_where_they_were(FastTextArchitecture architecture, FastTextLoss loss)
    {
        FastTextOptions options = new() { Architecture = architecture, Loss = loss, Dimension = 8, MinCount = 1, Buckets = 100, Epochs = 8 };
        GoesOnWhereItWas(options, ml =>
        {
            using FastTextTransformer words = ml.Transforms.Text.FeaturizeTextWithFastText("Vector", "Text", options).Fit(Labelled(90));
            return Saved(words.Model);
        });
    }

    [TestMethod]
    public void Another_training_is_refused()
    {
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            Interrupt(new() { Epochs = 4, CheckpointFolder = folder }, Labelled(90));
            foreach ((FastTextClassifierOptions options, MemoryView rows) in new[]
            {
                (new FastTextClassifierOptions { Epochs = 5 }, Labelled(90)),
                (new() { Epochs = 4, Seed = 9 }, Labelled(90)),
                (new() { Epochs = 4 }, Labelled(87)),
                (new() { Epochs = 4 }, new([SmallCorpus.Texts(90), MemoryColumn.Keys("Label", [.. Enumerable.Repeat(1u, 89), 2u], [.. SmallCorpus.Names])])),
                (new() { Epochs = 4, Validation = Labelled(3) }, Labelled(90)),
            })
            {
                options.CheckpointFolder = folder;
                InvalidOperationException refusal = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(Context(), rows, options));
                Assert.Contains("was written by a training with other options, another seed or other data", refusal.Message);
            }

            Fit(Context(), Labelled(90), new() { Epochs = 4, CheckpointFolder = folder }).Dispose();
            Assert.IsEmpty(Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void A_damaged_checkpoint_is_refused()
    {
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            FastTextClassifierOptions options = new() { Epochs = 4, Dimension = 4, CheckpointFolder = folder, ValidationFraction = 0.2 };
            Interrupt(options, Labelled(90));
            string path = Directory.GetFiles(folder).Single();
            byte[] whole = File.ReadAllBytes(path);
            options.Progress = null;
            for (int place = 3; place < whole.Length; place += whole.Length / 40)
            {
                byte[] damaged = [.. whole];
                damaged[place] ^= 0x55;
                File.WriteAllBytes(path, damaged);
                InvalidOperationException refusal = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(Context(), Labelled(90), options));
                Assert.Contains("checkpoint", refusal.Message);
                File.WriteAllBytes(path, whole[..place]);
                Assert.ThrowsExactly<InvalidOperationException>(() => Fit(Context(), Labelled(90), options));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    [DataRow(FastTextLoss.Softmax)]
    [DataRow(FastTextLoss.HierarchicalSoftmax)]
    public void The_vectors_of_the_lowest_validation_loss_are_kept(FastTextLoss loss)
    {
        // Half of the labels are wrong: what is learned by heart makes the loss on other rows rise.
        MemoryView training = new([SmallCorpus.Texts(60), MemoryColumn.Keys(
            "Label", [.. Enumerable.Range(0, 60).Select(row => (uint)((row + (row % 2)) % 3) + 1)], [.. SmallCorpus.Names])]);
        MemoryView held = Labelled(45);
        var progress = new ProgressList();
        List<string> log = [];
        FastTextClassifierOptions options = new()
        {
            Loss = loss,
            Dimension = 8,
            WordNgrams = 3,
            Buckets = 1000,
            Epochs = 60,
            LearningRate = 1,
            Validation = held,
            Progress = progress,
        };
        using FastTextClassifierTransformer model = Fit(Context(log), training, options);
        double[] losses = [.. log.Where(entry => entry.Contains(": validation loss", StringComparison.Ordinal)).Select(Best)];
        Assert.HasCount(60, losses);
        string[] texts = [.. SmallCorpus.Sentences(45)];
        double byHand = texts.Select((text, row) => -Math.Log(
            model.Model.Predict(text, k: 3).Single(label => label.Label == SmallCorpus.Names[SmallCorpus.MatterOf(row)]).Probability)).Average();
        // The program's 1e-5 are in the probabilities; five digits are in the log.
        Assert.AreEqual(losses[^1], byHand, 1e-3);
        Assert.IsGreaterThan(losses[^1], progress.Reports[^1].ValidationLoss!.Value);

        options.Patience = 3;
        log.Clear();
        Fit(Context(log), training, options).Dispose();
        Assert.ContainsSingle(entry => entry.Contains("Training stops early: 3 validations without a lower loss.", StringComparison.Ordinal), log);

        static double Best(string entry) => double.Parse(entry[(entry.LastIndexOf(' ') + 1)..].TrimEnd('.'), System.Globalization.CultureInfo.InvariantCulture);
    }

    [TestMethod]
    public void Rows_that_are_held_out_are_not_learned_from()
    {
        // The words of every row are its own: the dictionary tells which rows were learned from.
        string[] texts = [.. Enumerable.Range(0, 40).Select(row => $"only{row}")];
        MemoryView rows = new([MemoryColumn.Texts("Text", texts), SmallCorpus.Labels(40)]);
        using FastTextClassifierTransformer model = Fit(Context(), rows, new() { Epochs = 1, ValidationFraction = 0.25 });
        Assert.AreEqual(30, texts.Count(model.Model.Words.Contains));
    }

    [TestMethod]
    public void A_class_to_validate_on_must_be_known()
    {
        MemoryView held = new([SmallCorpus.Texts(4), MemoryColumn.Texts("Label", ["food", "cars", "nature", "sport"])]);
        MemoryView rows = new([SmallCorpus.Texts(9), MemoryColumn.Texts("Label", [.. Enumerable.Range(0, 9).Select(row => SmallCorpus.Names[row % 3])])]);
        InvalidOperationException refusal = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(Context(), rows, new() { Validation = held }));
        Assert.AreEqual("Column 'Label' of Validation has the class 'sport', which the training data do not have.", refusal.Message);
    }

    [TestMethod]
    public void A_time_limit_ends_a_training_whose_learning_rate_has_then_fallen_to_zero()
    {
        var progress = new ProgressList();
        FastTextClassifierOptions options = new() { Epochs = int.MaxValue, LearningRate = 0.5, TimeLimit = TimeSpan.FromSeconds(0.5), Progress = progress };
        using FastTextClassifierTransformer model = Fit(Context(), Labelled(90), options);
        Assert.AreEqual(1, progress.Reports[^1].Fraction);
        Assert.AreEqual(0, progress.Reports[^1].LearningRate);
        Assert.IsLessThan(5, progress.Reports[^1].Elapsed.TotalSeconds);
        Assert.IsTrue(progress.Reports.Any(report => report.LearningRate is > 0.05 and < 0.45), "The rate falls with time.");
    }

    private static void GoesOnWhereItWas(FastTextTrainingOptions options, Func<MLContext, byte[]> train)
    {
        byte[] whole = train(Context());
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            options.CheckpointFolder = folder;
            CollectionAssert.AreEqual(whole, train(Context()), "Keeping the state changes nothing.");
            foreach (double part in new[] { 0.3, 0.6 })
            {
                MLContext ml = Context();
                options.Progress = new ProgressList(progress =>
                {
                    if (progress.Fraction > part)
                        ml.CancelExecution();
                });
                Assert.ThrowsExactly<OperationCanceledException>(() => train(ml));
                Assert.IsNotEmpty(Directory.GetFiles(folder));
            }

            List<string> log = [];
            options.Progress = null;
            CollectionAssert.AreEqual(whole, train(Context(log)));
            Assert.ContainsSingle(entry => entry.Contains("Training goes on after epoch ", StringComparison.Ordinal), log);
            Assert.IsEmpty(Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Interrupt(FastTextClassifierOptions options, IDataView rows)
    {
        MLContext ml = Context();
        options.Progress = new ProgressList(progress =>
        {
            if (progress.Fraction > 0.6)
                ml.CancelExecution();
        });
        Assert.ThrowsExactly<OperationCanceledException>(() => Fit(ml, rows, options));
    }

    private static MLContext Context(List<string>? log = null)
    {
        var ml = new MLContext(seed: 1);
        if (log is not null)
            ml.Log += (_, entry) => log.Add(entry.RawMessage);
        return ml;
    }

    private static byte[] Saved(FastTextClassifierTransformer classifier)
    {
        using FastTextClassifierTransformer disposed = classifier;
        return Saved(classifier.Model);
    }

    private static byte[] Saved(FastTextModel model)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.bin");
        try
        {
            model.Save(path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    // 20 topics of 20 words; a text has 2 of them among 10 words that say nothing.
    private static MemoryView Topics(int rows, int seed)
    {
        const int Topics = 20;
        var random = new Random(seed);
        string[] texts =
        [
            .. Enumerable.Range(0, rows).Select(row => string.Join(' ', Enumerable.Range(0, 12).Select(place => place < 2
                ? $"topic{row % Topics}word{random.Next(20)}"
                : $"any{random.Next(500)}"))),
        ];
        return new(
        [
            MemoryColumn.Texts("Text", texts),
            MemoryColumn.Keys(
                "Label", [.. Enumerable.Range(0, rows).Select(row => (uint)(row % Topics) + 1)], [.. Enumerable.Range(0, Topics).Select(topic => $"{topic}")]),
        ]);
    }

    private static MemoryView Labelled(int rows) => new([SmallCorpus.Texts(rows), SmallCorpus.Labels(rows)]);

    private static FastTextClassifierTransformer Fit(MLContext ml, IDataView rows, FastTextClassifierOptions options) =>
        ml.MulticlassClassification.Trainers.FastText(options: options).Fit(rows);
}
