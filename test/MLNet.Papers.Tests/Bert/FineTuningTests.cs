using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Bert;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Bert;

/// <summary>What fine-tuning learns, moves and leaves.</summary>
[TestClass]
public sealed class FineTuningTests
{
    private static readonly string[] Sentences = ["the river runs", "a baker bakes", "my engine needs", "fresh bread again", "more oil today", "the valley"];

    [TestMethod]
    public void A_classifier_learns_a_rule_that_needs_the_order_of_words()
    {
        // Which of two words comes first: no bag of words knows it.
        var random = new Random(1);
        (string Label, string Text)[] rows = [.. Enumerable.Range(0, 400).Select(_ =>
        {
            List<string> words = [.. Enumerable.Range(0, 5).Select(_ => TinyBert.Words[random.Next(2, 12)]).Where(word => word is not ("down" or "bread"))];
            bool isFirst = random.Next(2) == 0;
            int place = random.Next(words.Count + 1);
            words.Insert(place, isFirst ? "down" : "bread");
            words.Insert(random.Next(place + 1, words.Count + 1), isFirst ? "bread" : "down");
            return (isFirst ? "down" : "bread", string.Join(' ', words));
        })];
        var ml = new MLContext(seed: 1);
        IDataView training = Rows(rows[..300]), test = Rows(rows[300..]);
        var options = new BertClassifierOptions { Epochs = 20, BatchSize = 16, LearningRate = 5e-3, Dropout = 0, CorrectsBias = true, Pooling = Pooling.First };
        using BertClassifierTransformer model = ml.MulticlassClassification.Trainers.BertClassifier(
            "Label", "Text", TinyBert.Transformer(ml, TinyBert.Model(size: 32, spread: 0.2)), options: options).Fit(training);
        double accuracy = ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy;
        Assert.IsGreaterThan(0.9, accuracy);

        static MemoryView Rows(IEnumerable<(string Label, string Text)> rows) =>
            new([MemoryColumn.Texts("Label", rows.Select(row => row.Label)), MemoryColumn.Texts("Text", rows.Select(row => row.Text))]);
    }

    [TestMethod]
    public void Frozen_weights_do_not_move_and_the_others_do()
    {
        BertModel start = TinyBert.Model(layers: 3);
        BertModel trained = Train(start, new() { FrozenLayers = 2, Epochs = 2, BatchSize = 3, LearningRate = 1e-2, Pooling = Pooling.First });
        foreach ((string name, _) in trained.Architecture.Weights())
        {
            bool isFrozen = name.StartsWith("embeddings.", StringComparison.Ordinal) || name.StartsWith("encoder.layer.0.", StringComparison.Ordinal)
                || name.StartsWith("encoder.layer.1.", StringComparison.Ordinal);
            bool isSame = start.Weights[name].AsSpan().SequenceEqual(trained.Weights[name]);
            Assert.AreEqual(isFrozen, isSame, name);
        }
    }

    [TestMethod]
    public void The_encoder_that_is_given_stays_as_it_is()
    {
        BertModel start = TinyBert.Model(), same = TinyBert.Model();
        Train(start, new() { Epochs = 2, BatchSize = 3, LearningRate = 1e-2 });
        foreach ((string name, _) in start.Architecture.Weights())
            CollectionAssert.AreEqual(same.Weights[name], start.Weights[name]);
    }

    [TestMethod]
    public void A_checkpoint_of_a_training_that_began_with_another_encoder_is_refused()
    {
        string folder = Directory.CreateTempSubdirectory("mlnet-papers-").FullName;
        try
        {
            BertClassifierOptions options = new() { Epochs = 2, BatchSize = 3, CheckpointFolder = folder, CheckpointInterval = 1 };
            options.Progress = new ProgressList(_ => throw new TimeoutException());
            Assert.ThrowsExactly<TimeoutException>(() => Train(TinyBert.Model(), options));
            options.Progress = null;
            InvalidOperationException refusal = Assert.ThrowsExactly<InvalidOperationException>(() => Train(TinyBert.Model(seed: 6), options));
            Assert.Contains("was written by a training with other options, another seed or other data", refusal.Message);
            Train(TinyBert.Model(), options);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Lower_layers_have_lower_rates()
    {
        using DisposeScope scope = NewDisposeScope();
        BertModel model = TinyBert.Model(layers: 3);
        using var network = new FineTunedNetwork(
            model.Architecture, model.Weights, new LinearArchitecture(16, 2), frozen: 0, new TextVector(model.Architecture, Pooling.First), CPU);
        // 0.5 to the power of: 0 for what is new and the pooler, 1 for the top block, 4 for the tables.
        foreach ((string name, int depth) in ((string, int)[])
            [("head.weight", 0), ("pooler.dense.bias", 0), ("encoder.layer.2.output.dense.weight", 1), ("encoder.layer.0.output.dense.weight", 3),
            ("embeddings.word_embeddings.weight", 4), ("embeddings.LayerNorm.bias", 4)])
        {
            Assert.AreEqual(depth, network.Depth(name), name);
        }

        // The first step of Adam without bias correction moves each weight by about √10 / √0.1... times the rate, whatever its gradient.
        BertModel one = Train(model, new() { Epochs = 1, BatchSize = 64, WarmUp = 0, Dropout = 0, WeightDecay = 0, LearningRate = 1e-3, LayerDecay = 0.5 });
        double top = Moved("encoder.layer.2.attention.output.LayerNorm.bias"), tables = Moved("embeddings.LayerNorm.bias");
        Assert.AreEqual(0.125, tables / top, 0.02);

        double Moved(string name) => one.Weights[name].Zip(model.Weights[name], (after, before) => Math.Abs(after - before)).Max();
    }

    [TestMethod]
    public void A_regressor_gives_numbers_in_the_unit_of_its_labels()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = new(
        [
            MemoryColumn.Texts("Text", Enumerable.Range(0, 60).Select(row => Sentences[row % 2])),
            MemoryColumn.Values("Label", NumberDataViewType.Single, [.. Enumerable.Range(0, 60).Select(row => row % 2 == 0 ? 5_000f : 5_200f)]),
        ]);
        using BertRegressorTransformer model = ml.Regression.Trainers.BertRegressor("Label", "Text", TinyBert.Transformer(ml), options: new()
        {
            Epochs = 20,
            BatchSize = 10,
            LearningRate = 3e-3,
            Dropout = 0,
        }).Fit(rows);
        RegressionMetrics metrics = ml.Regression.Evaluate(model.Transform(rows));
        Assert.IsGreaterThan(0.95, metrics.RSquared);
    }

    [TestMethod]
    public void All_rows_are_scored_where_a_batch_is_full_of_pieces_before_it_is_full_of_rows()
    {
        const int Texts = 500;
        var ml = new MLContext(seed: 1);
        string text = string.Join(' ', Enumerable.Repeat("the river runs", 20));
        MemoryView rows = new(
        [
            MemoryColumn.Texts("Text", Enumerable.Range(0, Texts).Select(_ => text)),
            MemoryColumn.Texts("Label", Enumerable.Range(0, Texts).Select(row => $"{row % 2}")),
        ]);
        using BertTransformer bert = TinyBert.Transformer(ml);
        Assert.IsGreaterThan(2 * BertSession.MostPieces, Texts * bert.MaxLength);
        Assert.HasCount(Texts, bert.Transform(rows).GetColumn<float[]>("Features").ToArray());
        using BertClassifierTransformer model = ml.MulticlassClassification.Trainers.BertClassifier(
            "Label", "Text", bert, options: new() { Epochs = 1, FrozenLayers = 2, BatchSize = 100, MaxLength = 46 }).Fit(rows);
        Assert.HasCount(Texts, model.Transform(rows).GetColumn<float[]>("Score").ToArray());
    }

    [TestMethod]
    public void A_tagger_learns_a_rule_that_needs_the_word_before()
    {
        var random = new Random(2);
        string[][] texts =
        [
            .. Enumerable.Range(0, 250).Select(_ => Enumerable.Range(0, random.Next(3, 8)).Select(_ => TinyBert.Words[random.Next(6)]).ToArray()),
        ];
        string[][] tags = [.. texts.Select(text => text.Select((_, i) => i > 0 && text[i - 1] == "the" ? "after" : "other").ToArray())];
        var ml = new MLContext(seed: 1);
        MemoryView rows = new([Vectors("Tokens", texts), Vectors("Tags", tags)]);
        using BertTaggerTransformer model = ml.MulticlassClassification.Trainers.BertTagger(
            "Tags", "Tokens", TinyBert.Transformer(ml, TinyBert.Model(size: 32, spread: 0.2)),
            new() { Epochs = 12, BatchSize = 16, LearningRate = 5e-3, Dropout = 0, CorrectsBias = true }).Fit(rows);
        uint[][] found = [.. model.Transform(rows).GetColumn<uint[]>("PredictedLabel")];
        // The labels are sorted: after, other.
        int right = found.Zip(tags).Sum(pair => pair.First.Zip(pair.Second).Count(word => (word.First == 1) == (word.Second == "after")));
        Assert.IsGreaterThan(0.97, (double)right / tags.Sum(text => text.Length));
    }

    [TestMethod]
    public void A_long_text_is_tagged_in_parts_each_as_a_text_of_its_own()
    {
        var ml = new MLContext(seed: 1);
        string[][] texts = [.. Enumerable.Range(0, 12).Select(row => TinyBert.Words[(row % 6)..(6 + (row % 6))])];
        MemoryView rows = new([Vectors("Tokens", texts), Vectors("Tags", [.. texts.Select(text => text.Select((_, i) => i % 2 == 0 ? "x" : "y").ToArray())])]);
        using BertTaggerTransformer model = ml.MulticlassClassification.Trainers.BertTagger(
            "Tags", "Tokens", TinyBert.Transformer(ml), new() { Epochs = 2, LearningRate = 1e-2, BatchSize = 4, MaxLength = 8 }).Fit(rows);
        // Of 8 pieces 2 are marks: 6 words, or 4 where the second has three pieces and the last is cut.
        string[] head = ["the", "zzz", "river", "runs"], tail = ["down", "a"];
        float[][] whole = Scores([.. head, .. tail]), apart = [.. Scores(head), .. Scores(tail)];
        for (int word = 0; word < whole.Length; word++)
            CollectionAssert.AreEqual(apart[word], whole[word], $"word {word}");

        float[][] Scores(string[] words) =>
            [.. model.Transform(new MemoryView([Vectors("Tokens", [words])])).GetColumn<float[]>("Score").Single().Chunk(2)];
    }

    [TestMethod]
    public void A_token_without_pieces_is_unknown()
    {
        var ml = new MLContext(seed: 1);
        string[][] texts = [.. Enumerable.Range(0, 12).Select(row => TinyBert.Words[(row % 6)..(4 + (row % 6))])];
        MemoryView rows = new([Vectors("Tokens", texts), Vectors("Tags", [.. texts.Select(text => text.Select((_, i) => i % 2 == 0 ? "x" : "y").ToArray())])]);
        using BertTaggerTransformer model = ml.MulticlassClassification.Trainers.BertTagger(
            "Tags", "Tokens", TinyBert.Transformer(ml), new() { Epochs = 2, LearningRate = 1e-2, BatchSize = 4 }).Fit(rows);
        MemoryView odd = new([Vectors("Tokens", [["the", "\u0001", "runs"], ["the", "\u2603", "runs"]])]);
        float[][] scores = [.. model.Transform(odd).GetColumn<float[]>("Score")];
        Assert.HasCount(6, scores[0]);
        CollectionAssert.AreEqual(scores[1], scores[0]);
    }

    [TestMethod]
    public void Labels_and_tokens_of_unequal_length_are_refused()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = new([Vectors("Tokens", [["the", "river"], ["a", "baker", "bakes"]]), Vectors("Tags", [["x", "y"], ["x", "y"]])]);
        Exception refusal = Assert.Throws<InvalidOperationException>(
            () => ml.MulticlassClassification.Trainers.BertTagger("Tags", "Tokens", TinyBert.Transformer(ml)).Fit(rows));
        Assert.AreEqual("Column 'Tags' has 2 labels and column 'Tokens' 3 tokens in row 1; each token needs one.", refusal.Message);
    }

    [TestMethod]
    public void Answers_are_found_in_contexts_longer_than_a_window()
    {
        // Which of two words is the answer depends on the question, and both stand anywhere.
        var random = new Random(3);
        (string Question, string Context, string Answer, int Start)[] rows = [.. Enumerable.Range(0, 250).Select(row =>
        {
            string[] words = [.. Enumerable.Range(0, 18).Select(_ => TinyBert.Words[random.Next(8)])];
            int first = random.Next(9), second = random.Next(9, words.Length);
            (words[first], words[second]) = random.Next(2) == 0 ? ("bread", "oil") : ("oil", "bread");
            string question = row % 2 == 0 ? "baker" : "engine", answer = row % 2 == 0 ? "bread" : "oil", context = string.Join(' ', words);
            return (question, context, answer, context.IndexOf(answer, StringComparison.Ordinal));
        })];
        var ml = new MLContext(seed: 1);
        using BertAnswerTransformer model = ml.Transforms.Text.AnswerWithBert(
            "Found", "Question", "Context", TinyBert.Transformer(ml, TinyBert.Model(size: 32, spread: 0.2)),
            new() { Epochs = 14, BatchSize = 16, LearningRate = 5e-3, Dropout = 0, CorrectsBias = true, MaxLength = 14, WindowStride = 5 }).Fit(Data(rows));
        Assert.IsFalse(model.MayFindNone);
        IDataView scored = model.Transform(Data(rows));
        string[] found = [.. scored.GetColumn<string>("Found")];
        int[] starts = [.. scored.GetColumn<int>("Found.Start")];
        float[] scores = [.. scored.GetColumn<float>("Found.Score")];
        Assert.IsGreaterThan(0.9, rows.Zip(found, (row, answer) => row.Answer == answer ? 1.0 : 0).Average());
        for (int row = 0; row < rows.Length; row++)
        {
            Assert.AreEqual(found[row], rows[row].Context.Substring(starts[row], found[row].Length));
            Assert.IsTrue(scores[row] is > 0 and <= 1);
        }

        // Without a context there is nothing to answer with.
        IDataView empty = model.Transform(Data([("the", "", "", 0)]));
        Assert.AreEqual("", empty.GetColumn<string>("Found").Single());
        Assert.AreEqual(-1, empty.GetColumn<int>("Found.Start").Single());
    }

    [TestMethod]
    public void An_answer_that_stands_elsewhere_is_refused()
    {
        var ml = new MLContext(seed: 1);
        BertAnswerEstimator estimator = ml.Transforms.Text.AnswerWithBert("Found", "Question", "Context", TinyBert.Transformer(ml));
        Exception refusal = Assert.Throws<InvalidOperationException>(
            () => estimator.Fit(Data([("the", "the river", "river", 4), ("the", "the river", "river", 3)])));
        Assert.AreEqual(
            "Column 'Answer' has the answer 'river' in row 1, but column 'Context' has ' rive' at 3, where column 'AnswerStart' says that it begins.",
            refusal.Message);
        Assert.Throws<InvalidOperationException>(() => estimator.Fit(Data([("the", "the river", "river", 40)])));
        Assert.Throws<InvalidOperationException>(() => estimator.Fit(Data([("the", "the river", "river", -1)])));
        Assert.Throws<InvalidOperationException>(() => estimator.Fit(Data([("the", "the river", "river", int.MaxValue)])));
    }

    [TestMethod]
    public void Options_that_ask_for_more_than_the_encoder_has_are_refused()
    {
        var ml = new MLContext(seed: 1);
        using BertTransformer bert = TinyBert.Transformer(ml);
        Exception frozen = Assert.Throws<ArgumentOutOfRangeException>(
            () => ml.MulticlassClassification.Trainers.BertClassifier("Label", "Text", bert, options: new() { FrozenLayers = 3 }));
        Assert.Contains("BertClassifierOptions.FrozenLayers must be at most 2, the blocks of the encoder, but was 3.", frozen.Message);
        Exception length = Assert.Throws<ArgumentOutOfRangeException>(
            () => ml.MulticlassClassification.Trainers.BertTagger("Tags", "Tokens", bert, new() { MaxLength = 49 }));
        Assert.Contains("BertTaggerOptions.MaxLength must be at most 48, the positions of the encoder, but was 49.", length.Message);
    }

    private static BertModel Train(BertModel start, BertClassifierOptions options)
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = new(
        [
            MemoryColumn.Texts("Text", Enumerable.Range(0, 24).Select(row => Sentences[row % Sentences.Length])),
            MemoryColumn.Texts("Label", Enumerable.Range(0, 24).Select(row => row % 2 == 0 ? "a" : "b")),
        ]);
        using BertClassifierTransformer model = ml.MulticlassClassification.Trainers.BertClassifier(
            "Label", "Text", TinyBert.Transformer(ml, start), options: options).Fit(rows);
        return model.Model;
    }

    private static MemoryView Data((string Question, string Context, string Answer, int Start)[] rows) => new(
    [
        MemoryColumn.Texts("Question", rows.Select(row => row.Question)),
        MemoryColumn.Texts("Context", rows.Select(row => row.Context)),
        MemoryColumn.Texts("Answer", rows.Select(row => row.Answer)),
        MemoryColumn.Values("AnswerStart", NumberDataViewType.Int32, [.. rows.Select(row => row.Start)]),
    ]);

    private static MemoryColumn Vectors(string name, string[][] texts) => MemoryColumn.Vectors(
        name, TextDataViewType.Instance, [.. texts.Select(text => new VBuffer<ReadOnlyMemory<char>>(text.Length, [.. text.Select(word => word.AsMemory())]))]);
}
