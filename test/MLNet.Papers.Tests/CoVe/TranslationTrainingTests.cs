using Microsoft.ML;
using MLNet.Papers.CoVe;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.CoVe;

/// <summary>How translation is learned: what it learns, batches, checkpoints, and what is refused.</summary>
[TestClass]
public sealed class TranslationTrainingTests
{
    [TestMethod]
    public void It_learns_words_and_their_order()
    {
        var data = new MemoryView(TranslatedSentences.Columns(60));
        TranslationOptions options = Options();
        (options.Epochs, options.LearningRate, options.Layers, options.BatchSize) = (50, 1e-2, 1, 6);
        (options.HiddenSize, options.EmbeddingSize) = (32, 32);
        using TranslationTransformer model = Translate(options).Fit(data);
        string[] translations = [.. Values(model.Transform(data), "Translation").Cast<string>()];
        for (int row = 0; row < 60; row++)
            Assert.AreEqual(row == 5 ? "" : string.Join(' ', TranslatedSentences.Target(row)), translations[row], $"row {row}");

        Translation translation = model.Translate("the  green car");
        CollectionAssert.AreEqual(new[] { "das", "Auto", "grüne" }, translation.Target.ToArray());
        CollectionAssert.AreEqual(new[] { "the", "green", "car" }, translation.Source.ToArray());
        Assert.HasCount(3, translation.Attention);
        // "Auto" comes from "car", the last word, and "grüne" from "green".
        Assert.AreEqual(2, IndexOfMax(translation.Attention[1]));
        Assert.AreEqual(1, IndexOfMax(translation.Attention[2]));
        Assert.IsGreaterThan(Math.Log(0.5), translation.LogProbability);
        Assert.IsEmpty(model.Translate("  ").Target);
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => model.Translate(string.Join(' ', Enumerable.Repeat("the", 1001))));
        Assert.Contains("1001 tokens; at most 1000", error.Message);

        // The words that it learned have vectors, and no other.
        Assert.AreEqual(32, model.WordVectors.Dimension);
        CollectionAssert.AreEquivalent(TranslatedSentences.Words.ToArray(), model.WordVectors.Words.ToArray());
        Assert.IsTrue(model.WordVectors.GetWordVector("zebra").All(value => value == 0));
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 60).SelectMany(TranslatedSentences.Target).Distinct().ToArray(), model.TargetWords.ToArray());
    }

    [TestMethod]
    public void An_unknown_word_is_copied_from_where_the_model_looked()
    {
        using var small = new SmallTranslator();
        float[] bias = [.. small.Decoder.Weights["bias"].Select((value, word) => word == TokenVocabulary.Unknown ? 50 : value)];
        NetworkWeights weights = NetworkWeights.Of(
            small.Decoder.Architecture,
            small.Decoder.Architecture.Weights()
                .ToDictionary(weight => weight.Name, weight => weight.Name == "bias" ? bias : small.Decoder.Weights[weight.Name]));
        var ml = new MLContext(1);
        using var model = new TranslationTransformer(
            Interop.Host.EnvironmentOf(ml.Transforms),
            new(new("Translation", "Text", 1, 0, CopyUnknownWords: true), small.Encoder, small.Decoder with { Weights = weights }));
        Translation copied = model.Translate("the red zebra waits");
        Assert.HasCount((2 * 4) + 10, copied.Target);
        for (int i = 0; i < copied.Target.Count; i++)
            Assert.AreEqual(copied.Source[IndexOfMax(copied.Attention[i])], copied.Target[i]);
        using TranslationTransformer marked = model.WithOutputs("Translation", "Text", new() { CopyUnknownWords = false, BeamWidth = 1 });
        Assert.IsTrue(marked.Translate("the red zebra waits").Target.All(word => word == "<unk>"));
    }

    [TestMethod]
    public void Word_vectors_that_are_given_stay_as_they_are()
    {
        FastTextModel vectors = TranslatedSentences.Vectors();
        var data = new MemoryView(TranslatedSentences.Columns(40));
        CoVeOptions options = CoVeOptions();
        options.WordVectors = vectors;
        (options.TokenVectorsColumnName, options.OutputLayers) = ("Vectors", CoVeLayers.All);
        using CoVeTransformer model = new MLContext(1).Transforms.Text.FeaturizeTextWithCoVe("Features", "Text", options).Fit(data);
        Assert.AreSame(vectors, model.WordVectors);
        Assert.AreEqual(8 + (2 * 2 * 8), model.TokenVectorSize);
        float[][] rows = [.. Values(model.Transform(new MemoryView([MemoryColumn.Texts("Text", ["the red dog", "the red boat"])])), "Vectors").Cast<float[]>()];
        CollectionAssert.AreEqual(vectors.GetWordVector("red"), rows[0][40..48]);
        Assert.IsTrue(rows[0][80..88].All(value => value == 0), "'dog' has no vector.");
        Assert.IsTrue(rows[0][88..].Any(value => value != 0));
        // The word is the same and its context is not.
        Assert.IsTrue(rows[0][40..80].Zip(rows[1][40..80]).Skip(8).Any(pair => pair.First != pair.Second));
    }

    [TestMethod]
    public void Word_vectors_are_learned_where_none_are_given()
    {
        var data = new MemoryView(TranslatedSentences.Columns(40));
        CoVeOptions options = CoVeOptions();
        using CoVeTransformer model = new MLContext(1).Transforms.Text.FeaturizeTextWithCoVe("Features", "Text", options).Fit(data);
        Assert.AreEqual(16, model.WordVectors.Dimension);
        Assert.IsTrue(model.WordVectors.GetWordVector("houses").Any(value => value != 0), "An unknown word has a vector by its n-grams.");
        Assert.AreEqual(16 + 16, ((float[])Values(model.Transform(data), "Features")[0]).Length);
    }

    [TestMethod]
    public void Rows_without_a_pair_are_passed_over_and_counted()
    {
        var log = new List<string>();
        var ml = new MLContext(1);
        ml.Log += (_, message) => log.Add(message.RawMessage);
        TranslationOptions options = Options();
        options.MaxTokens = 3;
        ml.Transforms.Text.Translate("Translation", "Text", options).Fit(new MemoryView(TranslatedSentences.Columns(40))).Dispose();
        // Two of five rows have four words; row 5 is empty, row 7 has no translation.
        Assert.Contains(line => line.StartsWith("22 pairs to learn from, 0 held out, of 40 rows. Passed over: 'Text' is empty in 1 rows and 'Target' in 1; " +
            "16 have more than MaxTokens = 3 tokens.", StringComparison.Ordinal), log);
    }

    [TestMethod]
    public void A_part_is_held_out_and_chooses_the_weights()
    {
        var log = new List<string>();
        var losses = new List<double>();
        var ml = new MLContext(1);
        ml.Log += (_, message) => log.Add(message.RawMessage);
        TranslationOptions options = Options();
        (options.ValidationFraction, options.ValidationInterval, options.HalveWhenWorse, options.LearningRate, options.Optimizer) =
            (0.25, 5, true, 1, TrainingOptimizer.Sgd);
        options.LearningRateDecay = LearningRateDecay.None;
        options.Progress = new ProgressList(progress => losses.Add(progress.LearningRate));
        ml.Transforms.Text.Translate("Translation", "Text", options).Fit(new MemoryView(TranslatedSentences.Columns(100))).Dispose();
        Assert.Contains(
            line => line.Contains("held out, of 100 rows", StringComparison.Ordinal) && !line.Contains(" 0 held out", StringComparison.Ordinal), log);
        double[] seen =
        [
            .. log.Where(line => line.StartsWith("Validation perplexity: ", StringComparison.Ordinal))
                .Select(line => double.Parse(line[23..^1], System.Globalization.CultureInfo.InvariantCulture)),
        ];
        Assert.IsGreaterThan(3, seen.Length);
        int worse = log.Count(line => line.Contains("the step size is halved", StringComparison.Ordinal));
        Assert.AreEqual(
            Math.Pow(
                0.5,
                log.Take(log.FindLastIndex(line => line.StartsWith("Validation perplexity", StringComparison.Ordinal)))
                    .Count(line => line.Contains("the step size is halved", StringComparison.Ordinal))),
            losses[^1], 1e-9, $"{worse} halvings");
    }

    [TestMethod]
    public void An_epoch_has_every_pair_once_beside_those_of_its_length()
    {
        ParallelCorpus corpus = Corpus(1000);
        TokenVocabulary vocabulary = corpus.Target.Vocabulary(1, 1000);
        var pairs = new TranslationPairs(corpus, SourceWords.Of(TranslatedSentences.Vectors(), () => { }, corpus.Source), vocabulary);
        var batches = new TranslationBatches(pairs, 16, seed: 3);
        Assert.AreEqual((998 + 15) / 16, batches.Count);
        int[][] first = [.. Enumerable.Range(0, batches.Count).Select(step => batches.At(step))],
            second = [.. Enumerable.Range(batches.Count, batches.Count).Select(step => batches.At(step))];
        foreach (int[][] epoch in new[] { first, second })
            CollectionAssert.AreEquivalent(Enumerable.Range(0, 998).ToArray(), epoch.SelectMany(batch => batch).ToArray());
        Assert.IsFalse(first[0].SequenceEqual(second[0]));
        Assert.IsTrue(
            new TranslationBatches(pairs, 16, seed: 3).At(batches.Count).SequenceEqual(second[0]), "An epoch's order must not depend on those before it.");
        double padding = 1 - (
            first.Sum(batch => batch.Sum(pair => (double)pairs.SourceLength(pair))) / first.Sum(batch => batch.Length * batch.Max(pairs.SourceLength)));
        Assert.IsLessThan(0.02, padding);
    }

    [TestMethod]
    public void What_pads_a_sentence_is_never_learned()
    {
        using DisposeScope scope = NewDisposeScope();
        ParallelCorpus corpus = Corpus(60);
        var options = new TranslationOptions { MinSourceCount = 1, EmbeddingSize = 8, HiddenSize = 8 };
        SourceWords words = SourceWords.Learned(corpus.Source, options);
        TokenVocabulary vocabulary = corpus.Target.Vocabulary(1, 1000);
        var encoder = new EncoderArchitecture { EmbeddingSize = 8, HiddenSize = 8, Layers = 2 };
        var decoder = new DecoderArchitecture { EmbeddingSize = 8, StateSize = 16, Layers = 2, Words = vocabulary.Count, InputFeeding = true };
        using var module = new TranslationModule(encoder, decoder, words, CPU);
        foreach (TorchSharp.Modules.Parameter weight in module.EncoderWeights.parameters().Concat(module.DecoderWeights.parameters()))
            Assert.IsLessThanOrEqualTo(0.1f, weight.abs().max().item<float>());
        using Tensor begin = module.Vectors![1].clone();
        NetworkOptimizer optimizer = OptimizerSettings.Of(TrainingOptimizer.Adam).Create([.. module.named_parameters()]);
        optimizer.LearningRate = 0.1;
        for (int step = 0; step < 3; step++)
        {
            optimizer.ZeroGradients();
            Tensor loss = module.Embed(tensor(new long[] { 0, 1, 0, 2 }), 2).pow(2).sum() + module.Embed(tensor(new long[] { 0, 0 }), 1).sum();
            // All other weights have a gradient of zero.
            module.parameters().Aggregate(loss, (sum, weight) => sum + weight.sum().mul(0)).backward();
            optimizer.Step();
        }

        Assert.AreEqual(0, module.Vectors![0].abs().sum().item<float>());
        Assert.AreEqual(
            0.3f, module.Vectors![1].sub(begin).abs().max().item<float>(), 0.1f,
            "Three steps of Adam move a number by three step sizes at most, and hardly less.");
    }

    [TestMethod]
    [DataRow(1.0)]
    [DataRow(0.1)]
    public void Vectors_begin_as_large_as_the_option_says(double scale)
    {
        using TranslationTransformer translation = new MLContext(seed: 1).Transforms.Text.Translate("Translation", "Text", new()
        {
            MinSourceCount = 1,
            EmbeddingSize = 64,
            HiddenSize = 8,
            BatchSize = 4,
            InitialVectorScale = scale,
            LearningRate = 1e-30,
            TimeLimit = TimeSpan.FromMilliseconds(1),
            ValidationFraction = 0,
        }).Fit(new MemoryView(TranslatedSentences.Columns(20)));
        double square = translation.WordVectors.Words.SelectMany(word => translation.WordVectors.GetWordVector(word)).Average(value => (double)value * value);
        Assert.AreEqual(scale, Math.Sqrt(square), 0.15 * scale);
    }

    [TestMethod]
    public void Words_that_are_translated_alike_become_neighbours_unless_the_translations_are_shuffled()
    {
        // Of each word there are two, "w3a" and "w3b", which never stand in one sentence more often than others do.
        const int Meanings = 12, Sentences = 240;
        var random = new Random(4);
        int[][] sentences = [.. Enumerable.Range(0, Sentences).Select(_ => Enumerable.Range(0, 4).Select(_ => random.Next(Meanings)).ToArray())];
        string[] sources = [.. sentences.Select(sentence => string.Join(' ', sentence.Select(meaning => $"w{meaning}{(random.Next(2) == 0 ? 'a' : 'b')}")))];
        string[] targets = [.. sentences.Select(sentence => string.Join(' ', sentence.Select(meaning => $"x{meaning}")))];
        Assert.IsGreaterThan(0.9, Agreement(targets));
        random.Shuffle(targets);
        Assert.IsLessThan(0.4, Agreement(targets));

        double Agreement(string[] translations)
        {
            TranslationOptions options = Options();
            (options.Epochs, options.LearningRate, options.Layers, options.BatchSize, options.InitialVectorScale) = (15, 1e-2, 1, 12, 0.1);
            (options.HiddenSize, options.EmbeddingSize) = (24, 24);
            using TranslationTransformer model = Translate(options).Fit(
                new MemoryView([MemoryColumn.Texts("Text", sources), MemoryColumn.Texts("Target", translations)]));
            FastTextModel words = model.WordVectors;
            return words.Words.Average(word => words.NearestNeighbors(word, 1)[0].Word[..^1] == word[..^1] ? 1.0 : 0);
        }
    }

    [TestMethod]
    [DataRow(TrainingOptimizer.Adam, true)]
    [DataRow(TrainingOptimizer.Sgd, false)]
    public void A_killed_training_goes_on_where_it_was(TrainingOptimizer optimizer, bool inputFeeding)
    {
        var data = new MemoryView(TranslatedSentences.Columns(60));
        CoVeOptions options = CoVeOptions();
        (options.Optimizer, options.InputFeeding, options.WordVectors) = (optimizer, inputFeeding, TranslatedSentences.Vectors());
        (options.ValidationFraction, options.ValidationInterval, options.HalveWhenWorse, options.NegativeSamples) = (0.2, 4, true, inputFeeding ? 0 : 5);
        BrokenTraining.GoesOnWhereItWas(options, ml =>
        {
            using CoVeTransformer model = ml.Transforms.Text.FeaturizeTextWithCoVe("Features", "Text", options).Fit(data);
            return [.. Values(model.Transform(data), "Features").SelectMany(row => (float[])row)];
        });
    }

    [TestMethod]
    public void Fewer_pairs_than_two_batches_make_batches_smaller_and_a_warning()
    {
        List<string> log = [];
        var ml = new MLContext(seed: 1);
        ml.Log += (_, entry) => log.Add(entry.RawMessage);
        CoVeOptions options = CoVeOptions();
        (options.BatchSize, options.Progress) = (64, new ProgressList(report => Assert.AreEqual(2 * 2, report.Steps)));
        options.WordVectors = TranslatedSentences.Vectors();
        ml.Transforms.Text.FeaturizeTextWithCoVe("Features", "Text", options).Fit(new MemoryView(TranslatedSentences.Columns(20))).Dispose();
        Assert.Contains("BatchSize is 64, but there are 18 pairs: it is 9.", string.Join("\n", log));
    }

    [TestMethod]
    public void What_cannot_be_learned_from_is_refused_with_its_numbers()
    {
        AssertRefused("Columns 'Text' and 'Target' have 1 pairs to learn from; training needs at least 2, a batch each. Add rows.", 1, Options());
        TranslationOptions rare = Options();
        rare.MinTargetCount = 1000;
        AssertRefused("Column 'Target' has no word that occurs at least MinTargetCount = 1000 times; its rows have 10 different ones", 40, rare);
        rare = Options();
        rare.MinSourceCount = 1000;
        AssertRefused("Column 'Text' has no word that occurs at least MinSourceCount = 1000 times; its rows have 10 different ones", 40, rare);
        TranslationOptions few = Options();
        few.MaxPairs = 10;
        AssertRefused("Columns 'Text' and 'Target' have more than MaxPairs = 10 pairs in their first 13 rows", 40, few);
        AssertRefused("There is nothing to learn from: 0 rows have no pair of texts", 0, Options());

        CoVeOptions foreign = CoVeOptions();
        foreign.WordVectors = FastTextModel.Load(new MemoryStream("1 8\nzebra 1 1 1 1 1 1 1 1\n"u8.ToArray()));
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => new MLContext(1).Transforms.Text.FeaturizeTextWithCoVe("Features", "Text", foreign).Fit(new MemoryView(TranslatedSentences.Columns(40))));
        Assert.Contains("None of the 10 different words of column 'Text' has a vector in WordVectors, which have 1 words", error.Message);

        static void AssertRefused(string message, int rows, TranslationOptions options)
        {
            InvalidOperationException refused = Assert.ThrowsExactly<InvalidOperationException>(
                () => Translate(options).Fit(new MemoryView(TranslatedSentences.Columns(rows))));
            Assert.Contains(message, refused.Message);
        }
    }

    [TestMethod]
    public void A_model_without_decoder_says_so()
    {
        CoVeOptions options = CoVeOptions();
        (options.KeepDecoder, options.WordVectors) = (false, TranslatedSentences.Vectors());
        var ml = new MLContext(1);
        using CoVeTransformer model = ml.Transforms.Text.FeaturizeTextWithCoVe("Features", "Text", options)
            .Fit(new MemoryView(TranslatedSentences.Columns(40)));
        Assert.IsFalse(model.HasDecoder);
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(
            () => ml.Transforms.Text.ApplyTranslation("Translation", "Text", model));
        Assert.Contains("KeepDecoder", error.Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => ml.Transforms.Text.FeaturizeTextWithCoVe("Features", "Text", new() { TokensColumnName = "Features" }));
    }

    [TestMethod]
    public void A_long_text_is_read_in_pieces_and_any_text_works()
    {
        CoVeOptions options = CoVeOptions();
        (options.TokenVectorsColumnName, options.WordVectors) = ("Vectors", TranslatedSentences.Vectors());
        var ml = new MLContext(1);
        using CoVeTransformer model = ml.Transforms.Text.FeaturizeTextWithCoVe("Features", "Text", options)
            .Fit(new MemoryView(TranslatedSentences.Columns(40)));
        string[] words = [.. Enumerable.Range(0, 2300).Select(i => TranslatedSentences.Words.ElementAt(i % 7))];
        string[] texts =
        [
            string.Join(' ', words),
            .. words.Chunk(EncoderArchitecture.LongestText).Select(piece => string.Join(' ', piece)),
            "",
            "\uD800 \uDC00\uD800 \u0000 日本語 🦊 <s> </s>",
        ];
        IDataView view = model.Transform(new MemoryView([MemoryColumn.Texts("Text", texts)]));
        float[][] vectors = [.. Values(view, "Vectors").Cast<float[]>()], pooled = [.. Values(view, "Features").Cast<float[]>()];
        CollectionAssert.AreEqual(vectors[1..4].SelectMany(piece => piece).ToArray(), vectors[0]);
        Assert.IsEmpty(vectors[4]);
        Assert.IsTrue(pooled[4].All(value => value == 0), "A text without tokens must have zeros.");
        Assert.IsTrue(pooled[5].All(float.IsFinite));
        for (int i = 0; i < 24; i++)
            Assert.AreEqual(vectors[0].Chunk(24).Average(token => token[i]), pooled[0][i], 1e-4f);
        using TranslationTransformer translation = ml.Transforms.Text.ApplyTranslation("Translation", "Text", model, new() { BeamWidth = 2 })
            .Fit(new MemoryView([MemoryColumn.Texts("Text", [""])]));
        string[] translations = [.. Values(translation.Transform(new MemoryView([MemoryColumn.Texts("Text", texts[1..])])), "Translation").Cast<string>()];
        string whole = (string)Values(translation.Transform(new MemoryView([MemoryColumn.Texts("Text", [texts[0]])])), "Translation")[0];
        Assert.AreEqual(string.Join(' ', translations[..3].Where(text => text.Length > 0)), whole);
        Assert.AreEqual("", translations[3]);
    }

    private static TranslationEstimator Translate(TranslationOptions options) => new MLContext(1).Transforms.Text.Translate("Translation", "Text", options);

    private static object[] Values(IDataView view, string column) => Table.Read(view, [view.Schema[column]]).Columns.Single().Value;

    private static int IndexOfMax(IReadOnlyList<float> values) => Enumerable.Range(0, values.Count).MaxBy(i => values[i]);

    private static ParallelCorpus Corpus(int rows)
    {
        var ml = new MLContext(1);
        using Microsoft.ML.Runtime.IChannel channel = Interop.Host.EnvironmentOf(ml.Transforms).Start("test");
        return ParallelCorpus.Read(
            Interop.Host.EnvironmentOf(ml.Transforms), new MemoryView(TranslatedSentences.Columns(rows)), "Text", new TranslationOptions(), 0, 1,
            channel).Training;
    }

    private static TranslationOptions Options() => new()
    {
        HiddenSize = 16,
        EmbeddingSize = 16,
        BatchSize = 4,
        MinSourceCount = 2,
        Epochs = 2,
        Dropout = 0,
        ValidationFraction = 0,
    };

    private static CoVeOptions CoVeOptions() => new() { HiddenSize = 8, EmbeddingSize = 16, BatchSize = 4, Epochs = 2, ValidationFraction = 0 };
}
