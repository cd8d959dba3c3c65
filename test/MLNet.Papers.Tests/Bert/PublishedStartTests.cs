using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Bert;

/// <summary>
/// Published encoders as starts: training goes on from each format, and what is wrong with a file is said before there is anything to go on from.
/// </summary>
[TestClass]
public sealed class PublishedStartTests
{
    private const string Bias = "encoder.layer.0.attention.output.LayerNorm.bias", Table = "embeddings.word_embeddings.weight";

    public static IEnumerable<object[]> Formats => Enum.GetValues<PublishedFormat>().Select(format => new object[] { format });

    public static IEnumerable<object[]> Tampered =>
    [
        .. from format in (PublishedFormat[])[PublishedFormat.Safetensors, PublishedFormat.Torch, PublishedFormat.OldTorch, PublishedFormat.Onnx]
           from kind in (string[])["missing", "of another shape", "one dimension more", "whole numbers", "not a number", "infinite", "superfluous", "table"]
           select new object[] { format, kind },
    ];

    private static MemoryView Texts => new([BertSentences.Texts(80)]);

    private static MemoryView Labelled => new(
    [
        BertSentences.Texts(12), MemoryColumn.Texts("Label", Enumerable.Range(0, 12).Select(row => row % 2 == 0 ? "even" : "odd")),
    ]);

    [TestMethod, DynamicData(nameof(Formats))]
    public void Training_goes_on_from_each_format(PublishedFormat format)
    {
        using var small = new SmallBert(hidden: 12, heads: 2, layers: 1, inner: 16, bound: 0.05);
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, format);
        var ml = new MLContext(seed: 1);
        List<string> said = [];
        ml.Log += (_, message) => said.Add(message.RawMessage);
        using BertTransformer start = Start(ml, files);
        Assert.IsFalse(start.HasMaskedWordHead);
        using BertTransformer little = Further(1), much = Further(20);
        Assert.AreEqual((start.VocabularySize, start.HiddenSize, start.MaxLength), (much.VocabularySize, much.HiddenSize, much.MaxLength));
        double first = little.EvaluateMaskedWords(Texts).Loss, last = much.EvaluateMaskedWords(Texts).Loss;
        Assert.IsLessThan(first - 0.3, last, "The head begins anew, and learns.");
        const string anew = "The BERT to go on from predicts no hidden pieces: what predicts them begins anew, and is learned with it.";
        CollectionAssert.Contains(said, anew);
        said.Clear();
        Assert.IsTrue(much.HasMaskedWordHead);
        ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", new() { Epochs = 1 }, much).Fit(Texts).Dispose();
        CollectionAssert.DoesNotContain(said, anew);
        using BertClassifierTransformer classifier =
            ml.MulticlassClassification.Trainers.BertClassifier("Label", "Text", start, options: new() { Epochs = 1, BatchSize = 4 }).Fit(Labelled);
        Assert.HasCount(12, classifier.Transform(Labelled).GetColumn<float[]>("Score").Where(scores => scores.All(float.IsFinite)).ToArray());

        BertTransformer Further(int epochs) => ml.Transforms.Text.FeaturizeTextWithBert(
            "Features", "Text", new() { Epochs = epochs, BatchSize = 16, LearningRate = 5e-3, Dropout = 0 }, start).Fit(Texts);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void What_predicts_hidden_pieces_begins_with_how_often_they_occur(bool isPublished)
    {
        // Had it to learn that first, the encoder would be moved by it: all texts would become alike.
        using var small = new SmallBert(hidden: 12, heads: 2, layers: 1, inner: 16, bound: 0.05);
        var ml = new MLContext(seed: 1);
        using BertTransformer? start = isPublished ? small.Transformer() : null;
        using BertTransformer same = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", new() { Epochs = 1, LearningRate = 1e-30 }, start).Fit(Texts);
        MaskedWordMetrics metrics = same.EvaluateMaskedWords(Texts);
        Assert.AreEqual(metrics.UnigramEntropy, metrics.Loss, 0.1);
        Assert.IsGreaterThan(metrics.UnigramEntropy + 0.5, Math.Log(same.VocabularySize));
    }

    [TestMethod, DynamicData(nameof(Tampered))]
    public void An_array_that_is_wrong_is_named(PublishedFormat format, string kind)
    {
        using var small = new SmallBert(hidden: 12, heads: 2, layers: 1, inner: 16);
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, format, arrays => kind switch
        {
            "missing" => arrays.Where(array => array.Name != Bias),
            "of another shape" => Changed(arrays, Bias, array => array with { Shape = [11], Values = array.Values[..11] }),
            "one dimension more" => Changed(arrays, Bias, array => array with { Shape = [1, 12] }),
            "whole numbers" => Changed(arrays, Bias, array => array with { IsWhole = true }),
            "not a number" => Changed(arrays, Bias, array => array with { Values = [.. array.Values[..^1], float.NaN] }),
            "infinite" => Changed(arrays, Bias, array => array with { Values = [float.NegativeInfinity, .. array.Values[1..]] }),
            "superfluous" => [.. arrays, new("encoder.layer.0.attention.self.distance_embedding.weight", [2, 3], new float[6])],
            _ => Changed(arrays, Table, array => array with { IsWhole = true }),
        });
        string[] parts = kind switch
        {
            "missing" => [Bias, "[12]"],
            "of another shape" => [Bias, "[11]", "[12]"],
            "one dimension more" => [Bias, "[1, 12]", "[12]"],
            "whole numbers" => [Bias, "floating-point"],
            "not a number" => [Bias, "not finite", "index 11"],
            "infinite" => [Bias, "not finite", "index 0"],
            "superfluous" => ["distance_embedding", "[2, 3]"],
            _ => [Table, "floating-point"],
        };
        AssertRefused(files, [files.ModelPath, .. parts]);

        static IEnumerable<NamedValues> Changed(IEnumerable<NamedValues> arrays, string name, Func<NamedValues, NamedValues> change) =>
            arrays.Select(array => array.Name == name ? change(array) : array);
    }

    [TestMethod, DynamicData(nameof(Formats))]
    public void A_file_that_is_cut_short_is_refused_wherever_it_ends(PublishedFormat format)
    {
        using var small = new SmallBert(hidden: 6, heads: 2, layers: 1, inner: 4, positions: 8, maxLength: 8);
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, format);
        byte[] whole = File.ReadAllBytes(files.ModelPath);
        int[] lengths = [0, 1, 4, 8, 20, whole.Length / 10, whole.Length / 3, whole.Length / 2, whole.Length - 200, whole.Length - 5, whole.Length - 1];
        foreach (int length in lengths)
        {
            File.WriteAllBytes(files.ModelPath, whole[..length]);
            AssertRefused(files, files.ModelPath);
        }
    }

    [TestMethod]
    [DataRow(1), DataRow(-128)]
    public void A_vocabulary_that_does_not_fit_is_refused_with_both_sizes(int more)
    {
        string[] pieces = [.. SmallBert.Vocabulary().Pieces, .. Enumerable.Range(0, 200).Select(number => $"##piece{number}")];
        using var small = new SmallBert(hidden: 6, heads: 2, layers: 1, inner: 4, vocabulary: new(pieces));
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors);
        File.WriteAllLines(files.VocabularyPath, more > 0 ? [.. pieces, "one more"] : pieces[..^-more]);
        AssertRefused(files, $"The vocabulary has {pieces.Length + more} pieces", $"has vectors for {pieces.Length}");
    }

    [TestMethod]
    public void A_table_that_is_filled_up_to_a_round_number_is_learned_with()
    {
        string[] pieces = [.. SmallBert.Vocabulary().Pieces, .. Enumerable.Range(0, 100).Select(number => $"##piece{number}")];
        using var small = new SmallBert(hidden: 12, heads: 2, layers: 1, inner: 16, vocabulary: new(pieces));
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors);
        File.WriteAllLines(files.VocabularyPath, pieces[..^100]);
        var ml = new MLContext(seed: 1);
        using BertTransformer start = Start(ml, files),
            further = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", new() { Epochs = 2, BatchSize = 16 }, start).Fit(Texts);
        Assert.AreEqual(pieces.Length - 100, further.VocabularySize);
        Assert.IsTrue(double.IsFinite(further.EvaluateMaskedWords(Texts).Loss));
        using MaskedWordTransformer words = ml.Transforms.Text.PredictMaskedWords("Words", "Text", further, new() { Count = pieces.Length - 100 }).Fit(Texts);
        ReadOnlyMemory<char>[] found = words.Transform(new MemoryView([MemoryColumn.Texts("Text", ["the [MASK] sat"])]))
            .GetColumn<ReadOnlyMemory<char>[]>("Words").Single();
        CollectionAssert.AreEquivalent(pieces[..^100], found.Select(word => word.ToString()).ToArray());
    }

    [TestMethod]
    public void A_start_that_cannot_hide_pieces_or_reads_too_few_is_refused()
    {
        using var small = new SmallBert(hidden: 6, heads: 2, layers: 1, inner: 4, maxLength: 7);
        var ml = new MLContext(seed: 1);
        using BertTransformer start = small.Transformer();
        string message = Assert.ThrowsExactly<ArgumentException>(() => ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", null, start)).Message;
        Assert.StartsWith("The BERT to go on from reads texts of at most 7 pieces, the marks counted; learning needs at least 8.", message);
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, PublishedFormat.Safetensors);
        File.WriteAllLines(files.VocabularyPath, small.Model.Vocabulary.Pieces.Select(piece => piece == "[MASK]" ? "[HIDDEN]" : piece));
        using BertTransformer maskless = Start(ml, files);
        message = Assert.ThrowsExactly<ArgumentException>(() => ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", null, maskless)).Message;
        Assert.StartsWith("The vocabulary of the BERT to go on from has no piece [MASK]", message);
    }

    private static BertTransformer Start(MLContext ml, PublishedBertFiles files) =>
        ml.Transforms.Text.ApplyBert("Features", "Text", files.ModelPath, files.VocabularyPath).Fit(Texts);

    private static void AssertRefused(PublishedBertFiles files, params string[] parts)
    {
        FormatException refusal = Assert.ThrowsExactly<FormatException>(() => Start(new MLContext(seed: 1), files));
        foreach (string part in parts)
            Assert.Contains(part, refusal.Message);
    }
}
