using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Bert;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Bert;

/// <summary>The head that predicts hidden pieces: by hand, in torch and by kernels; and what it has learned.</summary>
[TestClass]
public sealed class MaskedWordFidelityTests
{
    private static readonly Dictionary<string, float[]> ByHand = new()
    {
        ["transform.dense.weight"] = [1, 0, 0, 1],
        ["transform.dense.bias"] = [0, 0],
        ["transform.LayerNorm.weight"] = [2, 1],
        ["transform.LayerNorm.bias"] = [0, 0.5f],
        ["bias"] = [0, 0.1f, -0.2f],
    };

    [TestMethod]
    public void The_head_is_that_of_the_equations()
    {
        // x = (1, -1): gelu gives (0.8413, -0.1587), of mean 0.3413 and deviation 0.5, so that the normalization gives (1, -1), and t = (2, -0.5).
        // E has the rows (1, 0), (0, 1) and (1, 1): logits 2, -0.5 + 0.1 and 1.5 - 0.2.
        double[] logits = [2, -0.4, 1.3];
        double sum = logits.Sum(Math.Exp);
        float[] table = [1, 0, 0, 1, 1, 1];
        var head = new MaskedWordArchitecture(3, 2, BertGelu.Erf, 1e-12);
        float[] found = new float[3];
        head.ToKernel(table, name => ByHand[name]).Predict([1, -1], found);
        using DisposeScope scope = NewDisposeScope();
        Tensor inTorch = head.Logits(tensor(new float[,] { { 1, -1 } }), tensor(table, [3, 2]), Weight);
        for (int piece = 0; piece < 3; piece++)
        {
            Assert.AreEqual(Math.Exp(logits[piece]) / sum, found[piece], 1e-6);
            Assert.AreEqual(logits[piece], inTorch[0, piece].item<float>(), 1e-5);
        }

        static Tensor Weight(string name) =>
            name.StartsWith("transform.dense.w", StringComparison.Ordinal) ? tensor(ByHand[name], [2, 2]) : tensor(ByHand[name]);
    }

    [TestMethod]
    [DataRow(BertGelu.Erf)]
    [DataRow(BertGelu.Tanh)]
    public void Kernels_give_the_probabilities_of_torch(BertGelu gelu)
    {
        const int Pieces = 101, Size = 20, Rows = 7;
        var head = new MaskedWordArchitecture(Pieces, Size, gelu, 1e-12);
        using DisposeScope scope = NewDisposeScope();
        using WeightModule module = InitialWeights.Of(3, () => new WeightModule(head.AllWeights()));
        using IDisposable noGradient = no_grad();
        foreach (TorchSharp.Modules.Parameter weight in module.parameters())
            weight.add_(randn_like(weight), alpha: 0.3.ToScalar());
        Tensor states = randn(Rows, Size), table = randn(Pieces, Size);
        float[] expected = head.Logits(states, table, module.Of).softmax(1).data<float>().ToArray(), found = new float[Pieces];
        NetworkWeights weights = NetworkWeights.Of(head, module);
        MaskedWordArchitecture.Kernel kernel = head.ToKernel(table.data<float>().ToArray(), name => weights[name]);
        for (int row = 0; row < Rows; row++)
        {
            kernel.Predict(states[row].data<float>().ToArray(), found);
            for (int piece = 0; piece < Pieces; piece++)
                Assert.AreEqual(expected[(row * Pieces) + piece], found[piece], 1e-5f);
        }
    }

    [TestMethod]
    public void A_constant_vector_is_normalized_to_the_shift()
    {
        float[] found = new float[3];
        new MaskedWordArchitecture(3, 2, BertGelu.Erf, 1e-12).ToKernel([1, 0, 0, 1, 1, 1], name => ByHand[name]).Predict([0.7f, 0.7f], found);
        // t = (0, 0.5): logits 0, 0.6 and 0.3.
        double sum = 1 + Math.Exp(0.6) + Math.Exp(0.3);
        Assert.AreEqual(1 / sum, found[0], 1e-6);
        Assert.AreEqual(Math.Exp(0.6) / sum, found[1], 1e-6);
    }

    [TestMethod]
    public void Words_are_learned_from_those_around_them()
    {
        var ml = new MLContext(seed: 1);
        using BertTransformer bert = Learned(ml);
        MaskedWordMetrics metrics = bert.EvaluateMaskedWords(new MemoryView([BertSentences.Texts(60)]));
        // A word is told by those beside it; a model of frequencies alone has the entropy.
        Assert.IsGreaterThan(2, metrics.UnigramEntropy);
        Assert.IsLessThan(metrics.UnigramEntropy - 1, metrics.Loss);
        Assert.IsGreaterThan(0.6, metrics.Accuracy);
        Assert.AreEqual(0, metrics.UnknownRate);

        using MaskedWordTransformer guess = ml.Transforms.Text.PredictMaskedWords("Words", "Text", bert, new() { Count = 2 }).Fit(Rows("x"));
        IDataView guessed = guess.Transform(Rows("a baker [MASK] fresh bread early in his [MASK] oven.", "my old engine needs more [MASK] again"));
        string[][] words = [.. guessed.GetColumn<string[]>("Words")];
        float[][] probabilities = [.. guessed.GetColumn<float[]>("Words.Probability")];
        Assert.AreEqual(("bakes", "warm", "oil"), (words[0][0], words[0][2], words[1][0]));
        foreach (float[] row in probabilities)
        {
            for (int mark = 0; mark < row.Length; mark += 2)
                Assert.IsTrue(row[mark] > row[mark + 1] && row[mark] + row[mark + 1] <= 1.0001f && row[mark + 1] > 0);
        }

        CollectionAssert.AreEqual(new[] { 4, 2 }, probabilities.Select(row => row.Length).ToArray());
    }

    [TestMethod]
    public void The_mark_is_read_by_this_transform_alone_and_may_be_another()
    {
        var ml = new MLContext(seed: 1);
        using BertTransformer bert = Learned(ml);
        using MaskedWordTransformer byMark = ml.Transforms.Text.PredictMaskedWords("Words", "Text", bert, new() { Mark = "?" }).Fit(Rows("x"));
        Assert.HasCount(0, byMark.Transform(Rows("a baker [MASK] fresh bread")).GetColumn<string[]>("Words").Single());
        Assert.HasCount(5, byMark.Transform(Rows("a baker ? fresh bread")).GetColumn<string[]>("Words").Single());
        float[][] vectors = [.. bert.Transform(Rows("a [MASK] b", "a [ mask ] b")).GetColumn<float[]>("Features")];
        CollectionAssert.AreEqual(vectors[0], vectors[1], "Elsewhere the mark is read as what it says.");
    }

    [TestMethod]
    public void Marks_behind_the_end_of_what_is_read_have_no_words()
    {
        var ml = new MLContext(seed: 1);
        using BertTransformer bert = Learned(ml);
        using MaskedWordTransformer guess = ml.Transforms.Text.PredictMaskedWords("Words", "Text", bert, new() { Count = 1 }).Fit(Rows("x"));
        IDataView guessed = guess.Transform(Rows("a [MASK] " + string.Join(' ', Enumerable.Repeat("bread", 40)) + " [MASK]"));
        string[] words = guessed.GetColumn<string[]>("Words").Single();
        float[] probabilities = guessed.GetColumn<float[]>("Words.Probability").Single();
        Assert.AreEqual((2, ""), (words.Length, words[1]));
        Assert.IsTrue(words[0].Length > 0 && probabilities[0] > 0 && probabilities[1] == 0);
    }

    [TestMethod]
    public void More_texts_than_are_read_ahead_all_get_their_words()
    {
        var ml = new MLContext(seed: 1);
        using BertTransformer bert = Learned(ml);
        using MaskedWordTransformer guess = ml.Transforms.Text.PredictMaskedWords("Words", "Text", bert, new() { Count = 1 }).Fit(Rows("x"));
        string[] texts = [.. Enumerable.Range(0, 1_200).Select(row => BertSentences.Sentence(row) + (row % 3 == 0 ? "" : " [MASK]"))];
        Assert.HasCount(texts.Length, guess.Transform(Rows(texts)).GetColumn<string[]>("Words").ToArray());
    }

    [TestMethod]
    public void The_entropy_is_that_of_the_pieces_by_hand()
    {
        var ml = new MLContext(seed: 1);
        using BertTransformer bert = Learned(ml);
        // "the" twice, "a" and "." once: 1.5 bits.
        MaskedWordMetrics metrics = bert.EvaluateMaskedWords(Rows("the a", "the .", ""), seed: 5);
        Assert.AreEqual(1.5 * Math.Log(2), metrics.UnigramEntropy, 1e-9);
        Assert.AreEqual(2, metrics.Predictions);
        Assert.AreEqual(metrics, bert.EvaluateMaskedWords(Rows("the a", "the .", ""), seed: 5));
        MaskedWordMetrics unknown = bert.EvaluateMaskedWords(Rows("the \u4E00"));
        Assert.AreEqual(0.5, unknown.UnknownRate);
    }

    [TestMethod]
    public void Vectors_that_no_piece_has_are_never_predicted()
    {
        // A published table may have rows to spare, here one of them the likeliest.
        var ml = new MLContext(seed: 1);
        using BertTransformer bert = Learned(ml);
        BertArchitecture architecture = bert.Model.Architecture with { Pieces = bert.VocabularySize + 3 };
        float[] table = [.. bert.Model.Weights[BertArchitecture.Words], .. new float[3 * bert.HiddenSize]];
        NetworkWeights weights = NetworkWeights.Of(
            architecture,
            architecture.Weights()
                .ToDictionary(weight => weight.Name, weight => weight.Name == BertArchitecture.Words ? table : bert.Model.Weights[weight.Name]));
        MaskedWordArchitecture words = MaskedWordArchitecture.Of(architecture);
        float[] bias = [.. bert.Head!.Weights["bias"], 50, 60, 70];
        NetworkWeights head = NetworkWeights.Of(
            words, words.Weights().ToDictionary(weight => weight.Name, weight => weight.Name == "bias" ? bias : bert.Head.Weights[weight.Name]));
        BertModel model = bert.Model with { Architecture = architecture, Weights = weights };
        using var guess = new MaskedWordTransformer(
            MLNet.Papers.Interop.Host.EnvironmentOf(ml.Transforms), new("Words", "Text", "[MASK]", 2, model, new(words, head)));
        string[] found = guess.Transform(Rows("a baker [MASK] fresh bread")).GetColumn<string[]>("Words").Single();
        Assert.AreEqual("bakes", found[0]);
    }

    [TestMethod]
    public void A_model_without_the_head_is_refused_and_says_why()
    {
        var ml = new MLContext(seed: 1);
        using BertTransformer bert = Learned(ml, keepsHead: false);
        Assert.IsFalse(bert.HasMaskedWordHead);
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => bert.EvaluateMaskedWords(Rows("a"))).Message;
        Assert.Contains("KeepMaskedWordHead", message);
        Assert.AreEqual(
            message, Assert.ThrowsExactly<InvalidOperationException>(() => ml.Transforms.Text.PredictMaskedWords("Words", "Text", bert)).Message);
        using BertTransformer kept = Learned(ml);
        message = Assert.ThrowsExactly<InvalidOperationException>(() => kept.EvaluateMaskedWords(Rows("", " "))).Message;
        Assert.AreEqual("Column 'Text' has no words to predict.", message);
        message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => ml.Transforms.Text.PredictMaskedWords("Words", "Text", kept, new() { Count = 500 })).Message;
        Assert.Contains("MaskedWordOptions.Count must be at most", message);
    }

    private static readonly Dictionary<bool, byte[]> Files = [];

    // Trained once and loaded for each test: the head is saved with it.
    private static BertTransformer Learned(MLContext ml, bool keepsHead = true)
    {
        if (!Files.TryGetValue(keepsHead, out byte[]? file))
        {
            BertOptions options = BertCase.Smallest(epochs: keepsHead ? 60 : 1);
            (options.KeepMaskedWordHead, options.HiddenSize, options.Dropout, options.LearningRate) = (keepsHead, 32, 0, 5e-3);
            var rows = new MemoryView([BertSentences.Texts(120)]);
            using BertTransformer bert = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options).Fit(rows);
            using var stream = new MemoryStream();
            ml.Model.Save(bert, rows.Schema, stream);
            Files[keepsHead] = file = stream.ToArray();
        }

        return (BertTransformer)ml.Model.Load(new MemoryStream(file), out _);
    }

    private static MemoryView Rows(params string[] texts) => new([MemoryColumn.Texts("Text", texts)]);
}
