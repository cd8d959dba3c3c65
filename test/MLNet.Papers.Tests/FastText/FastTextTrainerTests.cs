using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.FastText;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.FastText;

/// <summary>Learning to classify texts from data views: which classes come out, which labels there may be, what retraining saves.</summary>
[TestClass]
public sealed class FastTextTrainerTests
{
    private const int Rows = 300;

    private static readonly MLContext Context = new(seed: 1);

    [TestMethod]
    [DataRow(FastTextLoss.Softmax)]
    [DataRow(FastTextLoss.NegativeSampling)]
    [DataRow(FastTextLoss.HierarchicalSoftmax)]
    [DataRow(FastTextLoss.OneVersusAll)]
    public void Every_loss_learns_to_classify(FastTextLoss loss)
    {
        using FastTextClassifierTransformer classifier = Fit(Labelled(Rows), Options(loss));
        MulticlassClassificationMetrics metrics = Context.MulticlassClassification.Evaluate(classifier.Transform(Labelled(90)));
        Assert.AreEqual(1, metrics.MicroAccuracy, 1e-9);
        Assert.AreEqual(loss, classifier.Model.Loss);
    }

    [TestMethod]
    public void Scores_are_in_the_order_of_the_keys_and_labels_in_that_of_their_counts()
    {
        // "cars" is the second key but has most rows.
        MemoryView rows = new([
            MemoryColumn.Texts("Text", ["bread", "engine", "wheel", "river", "engine wheel"]),
            MemoryColumn.Keys("Label", [1, 2, 2, 4, 2], "food", "cars", "unused", "nature"),
        ]);
        using FastTextClassifierTransformer classifier = Fit(rows, Options(FastTextLoss.Softmax, epochs: 100));
        CollectionAssert.AreEqual(new[] { "cars", "food", "nature" }, classifier.Model.Labels.ToArray());
        Table scored = Table.Read(classifier.Transform(rows));
        int score = scored.Schema["Score"].Index;
        float[] first = (float[])scored.Columns[score][0], fourth = (float[])scored.Columns[score][3];
        Assert.HasCount(4, first);
        Assert.AreEqual(0, Array.IndexOf(first, first.Max()));
        Assert.AreEqual(3, Array.IndexOf(fourth, fourth.Max()));
        Assert.AreEqual(0f, first[2]);
    }

    [TestMethod]
    public void Rows_without_a_label_are_left_out()
    {
        MemoryView rows = new([MemoryColumn.Texts("Text", ["bread", "engine", "unlabelled"]), MemoryColumn.Keys("Label", [1, 2, 0], "food", "cars")]);
        using FastTextClassifierTransformer classifier = Fit(rows, Options(FastTextLoss.Softmax));
        CollectionAssert.AreEquivalent(new[] { "food", "cars" }, classifier.Model.Labels.ToArray());
    }

    [TestMethod]
    public void Labels_that_are_texts_or_numbers_become_classes()
    {
        using FastTextClassifierTransformer texts = Fit(
            new MemoryView([MemoryColumn.Texts("Text", ["bread", "engine"]), MemoryColumn.Texts("Label", ["two words", "one"])]),
            Options(FastTextLoss.Softmax));
        CollectionAssert.AreEquivalent(new[] { "two words", "one" }, texts.Model.Labels.ToArray());
        using FastTextClassifierTransformer numbers = Fit(
            new MemoryView([MemoryColumn.Texts("Text", ["bread", "engine"]), MemoryColumn.Values("Label", NumberDataViewType.Single, new float[] { 7, 1.5f })]),
            Options(FastTextLoss.Softmax));
        CollectionAssert.AreEquivalent(new[] { "7", "1.5" }, numbers.Model.Labels.ToArray());
    }

    [TestMethod]
    public void A_row_may_have_several_labels()
    {
        MemoryView rows = new([SmallCorpus.Texts(Rows), SmallCorpus.SeveralLabels(Rows)]);
        using FastTextClassifierTransformer classifier = Fit(rows, Options(FastTextLoss.OneVersusAll, epochs: 60));
        IReadOnlyList<LabelProbability> labels = classifier.Model.Predict("bread butter cheese oven engine wheel motor petrol", k: 3);
        // A quarter of the rows about food are about cars too.
        Assert.IsGreaterThan(0.5f, labels.Single(label => label.Label == "1").Probability);
        Assert.IsLessThan(0.5f, labels.Single(label => label.Label == "3").Probability);
    }

    [TestMethod]
    public void Data_without_any_label_are_refused()
    {
        MemoryView keys = new([MemoryColumn.Texts("Text", ["bread", "engine"]), MemoryColumn.Keys("Label", [0, 0], "food", "cars")]);
        MemoryView texts = new([MemoryColumn.Texts("Text", ["bread", "engine"]), MemoryColumn.Texts("Label", ["", ""])]);
        foreach (MemoryView rows in new[] { keys, texts })
            Assert.Contains("'Label'", Assert.Throws<InvalidOperationException>(() => Fit(rows, Options(FastTextLoss.Softmax))).Message);
    }

    [TestMethod]
    public void A_text_that_looks_like_a_label_is_text()
    {
        MemoryView rows = new([MemoryColumn.Texts("Text", ["__label__odd bread", "engine"]), MemoryColumn.Keys("Label", [1, 2], "food", "cars")]);
        using FastTextClassifierTransformer classifier = Fit(rows, Options(FastTextLoss.Softmax));
        CollectionAssert.AreEquivalent(new[] { "food", "cars" }, classifier.Model.Labels.ToArray());
        CollectionAssert.Contains(classifier.Model.Words.ToArray(), "__label__odd");
    }

    [TestMethod]
    public void A_written_end_of_a_text_ends_it()
    {
        MemoryView rows = new(
            [
                MemoryColumn.Texts("Text", ["bread </s> engine", "engine </s> bread", "bread", "engine"]),
                MemoryColumn.Keys("Label", [1, 2, 1, 2], "food", "cars"),
            ]);
        FastTextClassifierOptions options = Options(FastTextLoss.Softmax);
        (options.Epochs, options.LearningRate, options.WordNgrams) = (200, 0.5, 1);
        using FastTextClassifierTransformer classifier = Fit(rows, options);
        CollectionAssert.AreEqual(classifier.Model.GetSentenceVector("bread"), classifier.Model.GetSentenceVector("bread </s> engine"));
        Assert.AreEqual("food", classifier.Model.Predict("bread </s> engine")[0].Label);
        Assert.IsGreaterThan(0.9f, classifier.Model.Predict("bread </s> engine")[0].Probability);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_class_that_carries_the_prefix_of_labels_is_not_given_another(bool hasBoth)
    {
        string[] classes = ["__label__food", hasBoth ? "food" : "cars"];
        MemoryView rows = new([MemoryColumn.Texts("Text", ["bread", "engine"]), MemoryColumn.Keys("Label", [1, 2], classes)]);
        using FastTextClassifierTransformer classifier = Fit(rows, Options(FastTextLoss.Softmax));
        FastTextDictionary dictionary = classifier.Model.Dictionary;
        string[] names = [.. Enumerable.Range(dictionary.WordCount, 2).Select(dictionary.NameText)];
        CollectionAssert.AreEquivalent(hasBoth ? ["__label____label__food", "__label__food"] : new[] { "__label__food", "__label__cars" }, names);
        foreach (string name in classes)
        {
            string expected = name[0] == '_' && hasBoth ? $"__label__{name}" : name[0] == '_' ? name : $"__label__{name}";
            Assert.AreEqual(expected, names[LabelEntries.IdOf(dictionary, name)]);
        }
    }

    [TestMethod]
    public void Without_a_longest_n_gram_there_are_none_whatever_the_shortest()
    {
        MemoryView rows = new([MemoryColumn.Texts("Text", ["bread", "engine"]), MemoryColumn.Keys("Label", [1, 2], "food", "cars")]);
        FastTextClassifierOptions options = Options(FastTextLoss.Softmax);
        (options.MinN, options.MaxN) = (3, 0);
        using FastTextClassifierTransformer classifier = Fit(rows, options);
        Assert.IsFalse(classifier.Model.HasSubwords);
        (options.MinN, options.MaxN) = (3, 2);
        Assert.Contains("MaxN = 2", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(rows, options)).Message);
    }

    [TestMethod]
    public void Order_matters_to_word_ngrams()
    {
        string[] texts = ["not good but bad", "not bad but good", "good not bad", "bad not good"];
        MemoryView rows = new([MemoryColumn.Texts("Text", texts), MemoryColumn.Keys("Label", [1, 2, 2, 1], "negative", "positive")]);
        FastTextClassifierOptions options = Options(FastTextLoss.Softmax, epochs: 300);
        options.WordNgrams = 1;
        using FastTextClassifierTransformer bags = Fit(rows, options);
        options.WordNgrams = 2;
        using FastTextClassifierTransformer ngrams = Fit(rows, options);
        Assert.AreEqual(1, Context.MulticlassClassification.Evaluate(ngrams.Transform(rows)).MicroAccuracy);
        Assert.IsLessThan(1, Context.MulticlassClassification.Evaluate(bags.Transform(rows)).MicroAccuracy);
    }

    [TestMethod]
    public void Rows_that_remain_after_a_cut_are_trained_again_before_they_are_compressed()
    {
        MemoryView rows = Labelled(Rows);
        FastTextClassifierOptions options = Options(FastTextLoss.Softmax);
        (options.MinN, options.MaxN) = (2, 4);
        using FastTextClassifierTransformer classifier = Fit(rows, options);
        var compression = new FastTextQuantizationOptions { Cutoff = 256, NormalizeRows = true };
        var reports = new ProgressList();
        FastTextModel again = classifier.Model.Quantize(Context, rows, options: compression, epochs: 10, learningRate: 0.5, progress: reports);
        Assert.AreEqual(1, reports.Reports[^1].Fraction);
        Assert.IsTrue(again.IsQuantized);
        string[] sentences = [.. SmallCorpus.Sentences(60)];
        for (int row = 0; row < sentences.Length; row++)
            Assert.AreEqual(SmallCorpus.Names[SmallCorpus.MatterOf(row)], again.Predict(sentences[row])[0].Label);
        FastTextModel same = classifier.Model.Quantize(Context, rows, options: compression, epochs: 10, learningRate: 0.5);
        CollectionAssert.AreEqual(RandomModels.Bytes(again), RandomModels.Bytes(same));

        FastTextModel without = classifier.Model.Quantize(new FastTextQuantizationOptions { Cutoff = 256, NormalizeRows = true, Seed = 1 });
        Assert.IsLessThan(LossOf(without), LossOf(again));

        double LossOf(
            FastTextModel model) => sentences.Select((text, row) =>
                -Math.Log(model.Predict(text, k: 3).Single(label => label.Label == SmallCorpus.Names[SmallCorpus.MatterOf(row)]).Probability)).Average();
    }

    [TestMethod]
    public void Retraining_needs_labels_that_the_model_knows()
    {
        FastTextClassifierOptions options = Options(FastTextLoss.Softmax);
        (options.MinN, options.MaxN) = (2, 4);
        using FastTextClassifierTransformer classifier = Fit(Labelled(30), options);
        MemoryView others = new([MemoryColumn.Texts("Text", ["bread"]), MemoryColumn.Texts("Label", ["sport"])]);
        Assert.Contains("food", Assert.Throws<InvalidOperationException>(() => classifier.Model.Quantize(Context, others)).Message);
    }

    private static MemoryView Labelled(int rows) => new([SmallCorpus.Texts(rows), SmallCorpus.Labels(rows)]);

    private static FastTextClassifierTransformer Fit(IDataView rows, FastTextClassifierOptions options) =>
        Context.MulticlassClassification.Trainers.FastText(options: options).Fit(rows);

    private static FastTextClassifierOptions Options(FastTextLoss loss, int epochs = 20) =>
        new() { Loss = loss, Dimension = 8, Buckets = 1000, Epochs = epochs, LearningRate = 0.5 };
}
