using System.Text;
using Microsoft.ML;
using MLNet.Papers.FastText;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.FastText;

/// <summary>Learning word vectors from data views: what comes out, what is refused, how the rows are read.</summary>
[TestClass]
public sealed class FastTextTrainingTests
{
    private static readonly MLContext Context = new(seed: 1);

    [TestMethod]
    public void Words_of_one_matter_become_neighbours()
    {
        using FastTextTransformer words = Fit(SmallCorpus.Sentences(900), new() { Epochs = 10, LearningRate = 0.1 });
        for (int matter = 0; matter < 3; matter++)
        {
            foreach (string word in SmallCorpus.WordsOf(matter))
            {
                CollectionAssert.IsSubsetOf(
                    words.NearestNeighbors(word, 5).Select(neighbour => neighbour.Word).ToArray(), SmallCorpus.WordsOf(matter).ToArray(), word);
            }
        }
    }

    // The idea of the paper, and the vectors without it.
    [TestMethod]
    public void A_misspelt_word_is_near_the_word_it_stands_for_because_of_its_letters()
    {
        using FastTextTransformer with = Fit(SmallCorpus.Sentences(900), new() { Epochs = 10, LearningRate = 0.1 });
        using FastTextTransformer without = Fit(SmallCorpus.Sentences(900), new() { Epochs = 10, LearningRate = 0.1, MaxN = 0 });
        foreach ((string misspelt, string word) in new[] { ("kitchn", "kitchen"), ("mountains", "mountain"), ("drivers", "driver"), ("engines", "engine") })
        {
            Assert.AreEqual(word, with.NearestNeighbors(misspelt, 1)[0].Word);
            Assert.IsTrue(without.GetWordVector(misspelt).All(value => value == 0));
        }
    }

    [TestMethod]
    [DataRow(FastTextArchitecture.SkipGram, FastTextLoss.HierarchicalSoftmax)]
    [DataRow(FastTextArchitecture.SkipGram, FastTextLoss.Softmax)]
    [DataRow(FastTextArchitecture.Cbow, FastTextLoss.NegativeSampling)]
    [DataRow(FastTextArchitecture.Cbow, FastTextLoss.Softmax)]
    public void Every_architecture_and_loss_learns(FastTextArchitecture architecture, FastTextLoss loss)
    {
        using FastTextTransformer words = Fit(SmallCorpus.Sentences(900), new() { Architecture = architecture, Loss = loss, Epochs = 20, LearningRate = 0.1 });
        string[] near = [.. words.NearestNeighbors("cheese", 4).Select(neighbour => neighbour.Word)];
        CollectionAssert.IsSubsetOf(near, SmallCorpus.WordsOf(0).ToArray(), string.Join(", ", near));
        Assert.AreEqual(architecture, words.Model.Architecture);
        Assert.AreEqual(loss, words.Model.Loss);
    }

    [TestMethod]
    public void The_model_is_saved_and_read_as_a_file_of_the_fastText_program()
    {
        using FastTextTransformer words = Fit(SmallCorpus.Sentences(60), new() { Epochs = 1 });
        using var stream = new MemoryStream();
        words.Model.SaveBinary(stream);
        stream.Position = 0;
        FastTextModel read = FastTextModel.Load(stream);
        CollectionAssert.AreEqual(words.Model.Words.ToArray(), read.Words.ToArray());
        CollectionAssert.AreEqual(words.GetWordVector("unheard"), read.GetWordVector("unheard"));
    }

    [TestMethod]
    public void Words_are_counted_and_ordered_as_they_are_frequent()
    {
        using FastTextTransformer words = Fit(["b a a", "a b c", "rare"], new() { MinCount = 2, Epochs = 1 });
        CollectionAssert.AreEqual(new[] { "a", "</s>", "b" }, words.Model.Words.ToArray());
        CollectionAssert.AreEqual(new long[] { 3, 3, 2 }, words.Model.Dictionary.Counts(ofLabels: false).ToArray());
        Assert.AreEqual(10, words.Model.Dictionary.TokenCount);
    }

    [TestMethod]
    public void Rare_words_are_forgotten_when_there_are_too_many()
    {
        var counter = new VocabularyCounter(capacity: 100);
        for (int i = 0; i < 1000; i++)
        {
            Add("often");
            Add($"once{i}");
            Add($"some{i % 20}");
        }

        Assert.IsLessThanOrEqualTo(100, counter.Count);
        Assert.AreEqual(3000, counter.TokenCount);
        DictionaryEntry[] entries = [.. counter.Words.Entries()];
        Assert.AreEqual("often", Encoding.UTF8.GetString(entries[0].Name.Span));
        Assert.AreEqual(1000, entries[0].Count);
        Assert.AreEqual(20, entries.Count(entry => Encoding.UTF8.GetString(entry.Name.Span).StartsWith("some", StringComparison.Ordinal)));

        void Add(string word) => counter.Add(Encoding.UTF8.GetBytes(word), SubwordHash.Of(Encoding.UTF8.GetBytes(word)));
    }

    [TestMethod]
    public void A_short_text_is_read_once()
    {
        int passes = 0;
        IDataView data = Context.Data.LoadFromEnumerable(Rows());
        using FastTextTransformer words = Context.Transforms.Text.FeaturizeTextWithFastText("Vector", "Text", Small(new() { Epochs = 4 })).Fit(data);
        Assert.AreEqual(1, passes);

        IEnumerable<Row> Rows()
        {
            passes++;
            foreach (string text in SmallCorpus.Sentences(5000))
                yield return new Row { Text = text };
        }
    }

    [TestMethod]
    public void Threads_share_the_work()
    {
        var reports = new ProgressList();
        using FastTextTransformer words = Fit(SmallCorpus.Sentences(9000), new() { Epochs = 2, Threads = 3, Progress = reports });
        CollectionAssert.IsSubsetOf(words.NearestNeighbors("garage", 5).Select(neighbour => neighbour.Word).ToArray(), SmallCorpus.WordsOf(1).ToArray());
        Assert.AreEqual(1, reports.Reports[^1].Fraction);
        Assert.AreEqual(2 * 9000 * 8, reports.Reports[^1].Steps);
        Assert.AreEqual(0, reports.Reports[^1].LearningRate);
    }

    [TestMethod]
    public void An_error_of_the_rows_reaches_the_caller_whatever_thread_met_it()
    {
        // Long enough to be read again to learn from.
        string spaces = new(' ', 1200);
        IEnumerable<Row> rows = SmallCorpus.Sentences(60_000)
            .Select((text, index) => index == 59_000 && Failing.Passes > 0 ? throw new IOException("The disk is gone.") : new Row { Text = text + spaces });
        IDataView data = Context.Data.LoadFromEnumerable(new Failing(rows));
        var exception = Assert.Throws<Exception>(
            () => Context.Transforms.Text.FeaturizeTextWithFastText("Vector", "Text", Small(new() { Threads = 3 })).Fit(data));
        Assert.Contains("The disk is gone.", exception.ToString());
    }

    [TestMethod]
    public void Vectors_that_a_file_gives_are_what_words_begin_with()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.vec");
        try
        {
            File.WriteAllText(path, "2 6\nbread 1 2 3 4 5 6 \nelsewhere 6 5 4 3 2 1 \n");
            var options = new FastTextOptions { InitialVectors = path, Dimension = 6, Epochs = 1, LearningRate = 1e-9, MaxN = 0 };
            using FastTextTransformer words = Fit(SmallCorpus.Sentences(60), options);
            CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4, 5, 6 }, words.GetWordVector("bread"));
            CollectionAssert.AreEqual(new float[] { 6, 5, 4, 3, 2, 1 }, words.GetWordVector("elsewhere"));
            Assert.IsTrue(words.GetWordVector("butter").All(value => Math.Abs(value) <= 1 / 6f));

            options.Dimension = 7;
            Assert.Contains("6 values, but Dimension is 7", Refused(SmallCorpus.Sentences(60), options));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Text_without_a_frequent_word_is_refused()
    {
        string message = Refused(["a b", "c d"], new() { MinCount = 3 });
        Assert.Contains("'Text'", message);
        Assert.Contains("MinCount = 3", message);
        Assert.Contains("MinCount = 1", Refused(["", " \n "], new() { MinCount = 1 }));
    }

    [TestMethod]
    public void A_learning_rate_that_leads_nowhere_ends_with_an_error()
    {
        Assert.Contains("LearningRate", Refused(SmallCorpus.Sentences(300), new() { LearningRate = 1e30 }));
    }

    [TestMethod]
    public void Text_that_is_not_well_formed_is_learned_from()
    {
        string longWord = new('x', 100_000);
        using FastTextTransformer words = Fit(["a\ud800b a\ud800b", $"{longWord} a", "日本 日本 \u00a0 \0 tab\there", ""], new() { MinCount = 1, Epochs = 1 });
        CollectionAssert.Contains(words.Model.Words.ToArray(), "a\ufffdb");
        CollectionAssert.Contains(words.Model.Words.ToArray(), longWord);
        CollectionAssert.Contains(words.Model.Words.ToArray(), "\u00a0");
    }

    [TestMethod]
    [DataRow(nameof(FastTextOptions.MinN), 7, "MaxN")]
    [DataRow(nameof(FastTextOptions.Dimension), 0, "from 1 to 4096")]
    public void Options_that_contradict_are_refused_at_once(string property, int value, string expected)
    {
        var options = new FastTextOptions();
        typeof(FastTextOptions).GetProperty(property)!.SetValue(options, value);
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Context.Transforms.Text.FeaturizeTextWithFastText("Vector", "Text", options));
        Assert.Contains(property, exception.Message);
        Assert.Contains(expected, exception.Message);
    }

    private static FastTextTransformer Fit(IEnumerable<string> texts, FastTextOptions options) =>
        Context.Transforms.Text.FeaturizeTextWithFastText("Vector", "Text", Small(options)).Fit(View(texts));

    private static string Refused(IEnumerable<string> texts, FastTextOptions options) =>
        Assert.Throws<InvalidOperationException>(() => Fit(texts, options)).Message;

    private static IDataView View(IEnumerable<string> texts) => Context.Data.LoadFromEnumerable(texts.Select(text => new Row { Text = text }));

    private static FastTextOptions Small(FastTextOptions options)
    {
        options.Buckets = 2000;
        options.SamplingThreshold = 1;
        if (options.Dimension == 100)
            options.Dimension = 16;
        return options;
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }

    private sealed class Failing(IEnumerable<Row> rows) : IEnumerable<Row>
    {
        public static int Passes { get; private set; } = -1;

        public IEnumerator<Row> GetEnumerator()
        {
            Passes++;
            return rows.GetEnumerator();
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
