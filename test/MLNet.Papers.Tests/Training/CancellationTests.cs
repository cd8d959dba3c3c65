using System.Diagnostics;
using Microsoft.ML;
using MLNet.Papers.Cactus;
using MLNet.Papers.FastText;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.FastText;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;

namespace MLNet.Papers.Tests.Training;

/// <summary>What a fit does before and after its steps, and within one of them, looks for cancellation too.</summary>
[TestClass]
public sealed class CancellationTests
{
    private const int Many = 20_000;

    // What a loop of so many turns must look, at least.
    private const int Looks = Many / 1024;

    [TestMethod]
    public void Words_are_counted_sorted_and_looked_up_with_an_eye_on_cancellation()
    {
        AssertLooks(check => Counter(check).Limit(1), "counting words");
        VocabularyCounter counter = Counter(null);
        AssertLooks(check => _ = counter.Words.Entries(check).Count(), "sorting words");
        DictionaryEntry[] entries = [.. counter.Words.Entries()];
        FastTextArguments arguments = new FastTextOptions { MinN = 3, MaxN = 6 }.ToArguments();
        AssertLooks(check => _ = new FastTextDictionary(entries, Many, arguments, check: check), "making a dictionary", 4 * Looks);
        long[] counts = [.. entries.Select(entry => entry.Count)];
        AssertLooks(check => _ = new HuffmanPaths(counts, check), "making a Huffman tree");
        AssertLooks(check => _ = new AliasTable([.. counts.Select(count => (double)count)], check), "making a table of negatives");

        static VocabularyCounter Counter(Action? check)
        {
            var counter = new VocabularyCounter(check: check);
            for (int word = 0; word < Many; word++)
                counter.Ensure(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"word{word}")));
            return counter;
        }
    }

    [TestMethod]
    public void Words_of_the_same_count_keep_their_order()
    {
        var words = new CountedWords();
        foreach ((string word, int count) in new[] { ("a", 2), ("b", 5), ("c", 2), ("d", 9), ("e", 5) })
            words.Add(System.Text.Encoding.UTF8.GetBytes(word), 0, count);
        Assert.AreEqual("dbeac", string.Concat(words.Entries().Select(entry => System.Text.Encoding.UTF8.GetString(entry.Name.Span))));
        KeyValuePair<string, int>[] counts = [new("z", 2), new("b", 2), new("m", 7), new("a", 1), new("c", 2)];
        CollectionAssert.AreEqual(new[] { "m", "b", "c" }, TokenVocabulary.Of(counts, leastCount: 2, most: 3).Words.ToArray());
    }

    [TestMethod]
    public void One_long_line_is_read_and_learned_with_an_eye_on_cancellation()
    {
        string text = string.Join(' ', Enumerable.Range(0, Many).Select(word => FormattableString.Invariant($"w{word % 500}")));
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(text);
        var line = new LineTokens();
        FastTextArguments arguments = new FastTextClassifierOptions { WordNgrams = 3, Buckets = 1000, Dimension = 4 }.ToArguments(epochs: 5);
        var dictionary = new FastTextDictionary(
            [
                .. Enumerable.Range(0, 500).Select(Entry),
                new DictionaryEntry("__label__a"u8.ToArray(), 1, IsLabel: true),
                new DictionaryEntry("__label__b"u8.ToArray(), 1, IsLabel: true),
            ],
            Many, arguments);
        AssertLooks(check => dictionary.Read(utf8, line, check), "cutting a line into words");
        dictionary.Read(utf8, line);
        AssertLooks(check => dictionary.AppendLine(utf8, line, [], [], check), "looking up a line", 2 * Looks);
        dictionary.Read(utf8, line);

        int looks = 0;
        FastTextNetwork network = FastTextNetwork.Create(arguments, dictionary, seed: 1, threads: 1, check: () => looks++);
        Learner learner = network.CreateLearner(seed: 1, worker: 0);
        List<int> parsed = [];
        learner.Parse(utf8, line, [0], parsed);
        looks = 0;
        learner.Learn(new ArraySegment<int>([.. parsed]), 0.1f);
        learner.End();
        Assert.IsGreaterThan(2 * Looks, looks, "Learning a line must look for cancellation.");

        static DictionaryEntry Entry(int word) => new(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"w{word}")), 40, IsLabel: false);
    }

    [TestMethod]
    [DataRow(FastTextArchitecture.SkipGram)]
    [DataRow(FastTextArchitecture.Cbow)]
    public void Words_of_one_line_are_learned_with_an_eye_on_cancellation(FastTextArchitecture architecture)
    {
        FastTextArguments arguments = new FastTextOptions { Architecture = architecture, Dimension = 4, MaxN = 0, SamplingThreshold = 1 }.ToArguments();
        var dictionary = new FastTextDictionary(
            [.. Enumerable.Range(0, 100).Select(word => new DictionaryEntry(System.Text.Encoding.UTF8.GetBytes($"w{word}"), 200, IsLabel: false))], Many,
            arguments);
        int looks = 0;
        FastTextNetwork network = FastTextNetwork.Create(arguments, dictionary, seed: 1, threads: 1, check: () => looks++);
        Learner learner = network.CreateLearner(seed: 1, worker: 0);
        int[] line = [Many, .. Enumerable.Range(0, Many).Select(word => word % 100)];
        looks = 0;
        learner.Learn(line, 0.1f);
        Assert.IsGreaterThanOrEqualTo(Looks, looks, "Learning a line must look for cancellation.");
    }

    [TestMethod]
    public void A_file_of_vectors_is_read_with_an_eye_on_cancellation()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".vec");
        try
        {
            File.WriteAllLines(path, Enumerable.Range(0, Many).Select(word => FormattableString.Invariant($"w{word} 0.25 {word}")));
            AssertLooks(check => FastTextModel.Load(path, check), "reading a file of vectors", 4);
            var ml = new MLContext(seed: 1);
            ml.CancelExecution();
            var options = new FastTextOptions { InitialVectors = path, Dimension = 2, MinCount = 1 };
            Assert.Throws<OperationCanceledException>(
                () => ml.Transforms.Text.FeaturizeTextWithFastText("Features", "Text", options).Fit(new MemoryView([SmallCorpus.Texts(10)])));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Compression_is_cancelled(bool normalize)
    {
        DenseMatrix matrix = RandomModels.Dense(new Random(1), Many, 4);
        AssertLooks(check => ProductQuantizerTraining.Quantize(matrix, pieceLength: 2, normalize, seed: 1, check), "compressing a matrix", 25 * Looks);
    }

    [TestMethod]
    public void Compression_after_a_retraining_is_cancelled()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = new([SmallCorpus.Texts(60), SmallCorpus.Labels(60)]);
        FastTextClassifierOptions options = new() { Dimension = 8, Buckets = 2_000, MinN = 2, MaxN = 4, Epochs = 1 };
        using FastTextClassifierTransformer classifier = new MLContext(seed: 1).MulticlassClassification.Trainers.FastText(options: options).Fit(rows);
        var last = new Last(ml.CancelExecution);
        Assert.Throws<OperationCanceledException>(() => classifier.Model.Quantize(ml, rows, progress: last));
        Assert.IsTrue(last.Happened);
    }

    [TestMethod]
    public void Rows_in_a_cache_are_gone_over_with_an_eye_on_cancellation()
    {
        AssertLooks(
            check =>
            {
                using var rows = new TrainingRows(2, new(TrainingRows.Targets, 1), new CoordConvNetOptions(), check);
                for (int row = 0; row < Many; row++)
                    rows.Add([row, -row], 1);
                rows.Scale(TrainingRows.Inputs, rows.ScaleOf(TrainingRows.Inputs));
                rows.Hash([.. Enumerable.Range(0, Many)]);
            },
            "going over rows", 4 * Looks);
    }

    [TestMethod]
    public void Rows_are_centred_and_scaled_with_an_eye_on_cancellation()
    {
        float[] rows = new float[2 * Many];
        AssertLooks(check => Centring.MeanOf(rows, 2, check), "taking a mean");
        AssertLooks(check => Centring.Subtract(rows, [1, 2], check), "centring");
        AssertLooks(check => PartitionBuilder.Scale(rows, 2, new Random(1), check), "scaling");
    }

    [TestMethod]
    public void Vocabularies_are_made_with_an_eye_on_cancellation()
    {
        KeyValuePair<string, int>[] counts =
        [
            .. Enumerable.Range(0, Many).Select(word => KeyValuePair.Create(FormattableString.Invariant($"w{word}"), 1 + (word % 7))),
        ];
        AssertLooks(check => TokenVocabulary.Of(counts, leastCount: 1, most: Many, check), "making a vocabulary");
    }

    [TestMethod]
    public void Principal_components_of_long_rows_are_cancelled()
    {
        const int Size = 784;
        var random = new Random(1);
        float[] rows = [.. Enumerable.Range(0, 900 * Size).Select(_ => random.NextSingle())];
        long cancelled = 0;
        using var timer = new Timer(_ => Volatile.Write(ref cancelled, Stopwatch.GetTimestamp()), null, TimeSpan.FromSeconds(0.3), Timeout.InfiniteTimeSpan);
        try
        {
            PrincipalComponents.Fit(rows, Size, Size, seed: 1, () =>
            {
                if (Volatile.Read(ref cancelled) != 0)
                    throw new OperationCanceledException();
            });
        }
        catch (OperationCanceledException)
        {
            // As it should be.
        }

        long since = Volatile.Read(ref cancelled);
        Assert.IsLessThan(3, since == 0 ? 0 : Stopwatch.GetElapsedTime(since).TotalSeconds, "Principal components must heed cancellation.");
    }

    // Looks as often as it must, and stops when it is told to, with the exception that was thrown.
    private static void AssertLooks(Action<Action> work, string what, int least = Looks)
    {
        int looks = 0;
        work(() => Interlocked.Increment(ref looks));
        Assert.IsGreaterThanOrEqualTo(least, looks, $"{what} must look for cancellation.");
        int half = looks / 2;
        looks = 0;
        Assert.Throws<OperationCanceledException>(() => work(() =>
        {
            if (Interlocked.Increment(ref looks) > half)
                throw new OperationCanceledException();
        }));
    }

    private sealed class Last(Action happen) : IProgress<TrainingProgress>
    {
        public bool Happened { get; private set; }

        public void Report(TrainingProgress value)
        {
            if (value.Fraction < 1)
                return;
            Happened = true;
            happen();
        }
    }
}
