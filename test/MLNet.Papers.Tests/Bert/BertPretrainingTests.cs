using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Bert;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Bert;

/// <summary>How pre-training goes: its losses, where it begins, and what is refused.</summary>
[TestClass]
public sealed partial class BertPretrainingTests
{
    private static readonly SequenceMarks Marks = new(Classification: 2, Separator: 3);

    private static readonly BertArchitecture Network =
        new() { Pieces = 60, Positions = 24, HiddenSize = 16, Layers = 2, Heads = 2, InnerSize = 24, HasPooler = true };

    [TestMethod]
    public void Before_training_every_piece_and_both_answers_are_about_as_likely()
    {
        using DisposeScope scope = NewDisposeScope();
        using PretrainingModule module = Module();
        using IDisposable noGradient = no_grad();
        PretrainingBatch batch = Batch([new(0, 9, 20, 8), new(30, 5, 3, 6, IsRandom: true)]);
        (Tensor words, Tensor? follows) = module.Run(batch);
        Assert.AreEqual(Math.Log(60), nn.functional.cross_entropy(words, batch.Targets).item<float>(), 0.1);
        Assert.AreEqual(Math.Log(2), nn.functional.cross_entropy(follows!, batch.IsRandom).item<float>(), 0.1);
        CollectionAssert.AreEqual(new[] { batch.Targets.shape[0], 60 }, words.shape);
    }

    [TestMethod]
    public void What_is_predicted_does_not_depend_on_padding_and_batch_mates()
    {
        using DisposeScope scope = NewDisposeScope();
        using PretrainingModule module = Module();
        using IDisposable noGradient = no_grad();
        PieceSequence first = new(0, 4, 20, 3), second = new(30, 10, 3, 8, IsRandom: true);
        PretrainingBatch both = Batch([first, second]), alone = Batch([first]);
        (Tensor words, Tensor? follows) = module.Run(both);
        (Tensor ownWords, Tensor? ownFollows) = module.Run(alone);
        Assert.IsTrue(words.narrow(0, 0, ownWords.shape[0]).allclose(ownWords, 1e-5, 1e-5));
        Assert.IsTrue(follows!.narrow(0, 0, 1).allclose(ownFollows!, 1e-5, 1e-5));
    }

    [TestMethod]
    public void Only_hidden_places_and_the_mark_at_the_front_give_gradients_to_the_heads()
    {
        using DisposeScope scope = NewDisposeScope();
        using PretrainingModule module = Module();
        PretrainingBatch batch = Batch([new(0, 9)]);
        module.Run(batch).Words.sum().backward();
        // The pooler reads [CLS] and is not part of this loss.
        Assert.IsNull(module.Encoder.Of("pooler.dense.weight").grad);
        Assert.IsNotNull(module.Encoder.Of("embeddings.word_embeddings.weight").grad);
    }

    [TestMethod]
    public void Without_pairs_a_pooler_stays_as_it_is()
    {
        using PretrainingModule module = InitialWeights.Of(1, () => new PretrainingModule(Network, MaskedWordArchitecture.Of(Network), hasPairs: false));
        string[] frozen = [.. module.named_parameters().Where(weight => !weight.parameter.requires_grad).Select(weight => weight.name)];
        CollectionAssert.AreEquivalent(new[] { "encoder.pooler.dense.weight", "encoder.pooler.dense.bias" }, frozen);
    }

    [TestMethod]
    public void Whether_a_text_follows_is_learned()
    {
        var ml = new MLContext(seed: 1);
        List<double> right = [];
        ml.Log += (_, message) =>
        {
            if (NextSentences().Match(message.Message) is { Success: true } match)
                right.Add(double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        };
        BertOptions options = BertCase.Smallest(epochs: 60);
        (options.DocumentColumnName, options.HiddenSize, options.Dropout, options.LearningRate) = ("Document", 32, 0, 5e-3);
        (options.Validation, options.ValidationInterval) = (Documents(60), 100);
        using BertTransformer bert = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options).Fit(Documents(150));
        // Two thirds of the random segments are of another kind; the others cannot be told from those that follow.
        Assert.IsGreaterThan(75, right[^1], string.Join(", ", right));
    }

    [TestMethod]
    public void Training_goes_on_from_a_start_with_its_pieces_and_weights()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = new([BertSentences.Texts(80)]);
        BertOptions options = BertCase.Smallest(epochs: 2);
        using BertTransformer start = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options).Fit(rows);
        // With steps of nothing it stays as it is, head and all.
        options.LearningRate = 1e-30;
        (options.HiddenSize, options.Layers, options.VocabularySize) = (64, 3, 500);
        using BertTransformer same = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options, start).Fit(rows);
        Assert.AreEqual((start.HiddenSize, start.LayerCount, start.VocabularySize), (same.HiddenSize, same.LayerCount, same.VocabularySize));
        AssertSame(start, same, rows);
        Assert.AreEqual(start.EvaluateMaskedWords(rows).Loss, same.EvaluateMaskedWords(rows).Loss, 1e-9);

        // Pairs need a pooler, which begins anew; and one without a head gets one.
        (options.DocumentColumnName, options.KeepMaskedWordHead) = ("Document", false);
        using BertTransformer withPooler = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options, start).Fit(Documents(80));
        AssertSame(start, withPooler, rows);
        options.KeepMaskedWordHead = true;
        options.LearningRate = 1e-3;
        using BertTransformer further = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options, withPooler).Fit(Documents(80));
        Assert.IsTrue(further.HasMaskedWordHead);
        Assert.IsLessThan(Math.Log(further.VocabularySize), further.EvaluateMaskedWords(rows).Loss);

        static void AssertSame(BertTransformer one, BertTransformer other, IDataView rows)
        {
            float[][] expected = [.. one.Transform(rows).GetColumn<float[]>("Features")], found = [.. other.Transform(rows).GetColumn<float[]>("Features")];
            for (int row = 0; row < expected.Length; row++)
                CollectionAssert.AreEqual(expected[row], found[row]);
        }
    }

    [TestMethod]
    public void A_start_goes_on_reading_texts_of_its_length()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = Documents(80);
        BertOptions options = BertCase.Smallest(epochs: 1);
        using BertTransformer start = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options).Fit(rows);
        options.MaxLength = 10;
        using BertTransformer shorter = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options, start).Fit(rows);
        Assert.AreEqual(24, shorter.MaxLength);

        // One that knows no segments learns from pairs all the same.
        BertArchitecture architecture = start.Model.Architecture with { Segments = 1 };
        NetworkWeights weights = NetworkWeights.Of(architecture, architecture.Weights().ToDictionary(
            weight => weight.Name, weight => start.Model.Weights[weight.Name][..(int)weight.Shape.Aggregate((product, length) => product * length)]));
        using var single = new BertTransformer(MLNet.Papers.Interop.Host.EnvironmentOf(ml.Transforms), new(
            BertOutputs.Of("Features", "Text", new(), start.Model), start.Model with { Architecture = architecture, Weights = weights }));
        options.DocumentColumnName = "Document";
        using BertTransformer further = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options, single).Fit(rows);
        Assert.AreEqual(1, further.Model.Architecture.Segments);
        Assert.IsTrue(further.Model.Architecture.HasPooler);
    }

    [TestMethod]
    public void Pieces_may_come_from_a_file()
    {
        var ml = new MLContext(seed: 1);
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.txt");
        try
        {
            string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "river", "sea", "a", "oil", "bread", "."];
            File.WriteAllLines(path, pieces);
            BertOptions options = BertCase.Smallest(epochs: 1);
            options.VocabularyPath = path;
            using BertTransformer bert = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options).Fit(new MemoryView([BertSentences.Texts(80)]));
            Assert.AreEqual(pieces.Length, bert.VocabularySize);
            File.WriteAllLines(path, pieces.Where(piece => piece != "[MASK]"));
            string message = Assert.ThrowsExactly<FormatException>(
                () => ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options).Fit(new MemoryView([BertSentences.Texts(80)]))).Message;
            Assert.AreEqual($"'{path}' has no piece [MASK], which stands for hidden ones; add a line with it.", message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Too_few_and_too_many_texts_are_refused()
    {
        Assert.AreEqual(
            "Column 'Text' has 95 pieces of words in all rows; training needs at least 1000. Add rows.", Refusal(BertCase.Smallest(1), BertSentences.Texts(7)));
        BertOptions options = BertCase.Smallest(1);
        options.MaxTrainingPieces = 1_000;
        Assert.Contains("Column 'Text' has more than MaxTrainingPieces = 1000 pieces of words in its first ", Refusal(options, BertSentences.Texts(80)));
        options = BertCase.Smallest(1);
        options.Validation = new MemoryView([MemoryColumn.Texts("Text", [" ", ""])]);
        Assert.AreEqual(
            "Column 'Text' of Validation has no words. Give it rows that have, or set it to null.", Refusal(options, BertSentences.Texts(80)));

        static string Refusal(BertOptions options, MemoryColumn texts) => Assert.ThrowsExactly<InvalidOperationException>(
            () => new MLContext(seed: 1).Transforms.Text.FeaturizeTextWithBert("Features", "Text", options).Fit(new MemoryView([texts]))).Message;
    }

    [TestMethod]
    public void One_document_is_learned_from_without_pairs_which_is_said()
    {
        var ml = new MLContext(seed: 1);
        List<string> warnings = [];
        ml.Log += (_, message) =>
        {
            if (message.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(message.RawMessage);
        };
        BertOptions options = BertCase.Smallest(epochs: 1);
        options.DocumentColumnName = "Document";
        MemoryColumn one = MemoryColumn.Values("Document", NumberDataViewType.Int32, [.. Enumerable.Repeat(7, 80)]);
        using BertTransformer bert = ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", options)
            .Fit(new MemoryView([BertSentences.Texts(80), one]));
        Assert.IsTrue(warnings.Any(warning => warning.Contains("Column 'Document' has one document", StringComparison.Ordinal)), string.Join("; ", warnings));
        Assert.IsFalse(bert.Model.Architecture.HasPooler);
    }

    [TestMethod]
    public void Documents_are_rows_with_one_value_after_the_other_of_whatever_type()
    {
        uint[] keys = [1, 1, 2, 2, 1];
        MemoryColumn[] columns =
        [
            MemoryColumn.Keys("Document", keys, "a", "b"),
            MemoryColumn.Texts("Document", keys.Select(key => $"document {key}")),
            MemoryColumn.Values("Document", NumberDataViewType.Int64, [.. keys.Select(key => (long)key)]),
            MemoryColumn.Values("Document", BooleanDataViewType.Instance, [.. keys.Select(key => key == 1)]),
        ];
        foreach (MemoryColumn column in columns)
        {
            var rows = new MemoryView([column]);
            using DataViewRowCursor cursor = rows.GetRowCursor(rows.Schema);
            Func<bool> begins = DocumentChanges.Create(cursor, "Document");
            List<bool> found = [];
            while (cursor.MoveNext())
                found.Add(begins());
            CollectionAssert.AreEqual(new[] { true, false, true, false, true }, found, rows.Schema["Document"].Type.ToString());
        }
    }

    private static MemoryView Documents(int rows) => new([BertSentences.Texts(rows), BertSentences.Documents(rows)]);

    private static PretrainingModule Module() => InitialWeights.Of(1, () => new PretrainingModule(Network, MaskedWordArchitecture.Of(Network), hasPairs: true));

    // Pieces 10 to 49; the same ones are hidden each time.
    private static PretrainingBatch Batch(PieceSequence[] sequences)
    {
        var builder = new PieceCorpus.Builder();
        builder.Add([.. Enumerable.Range(10, 50)]);
        return PretrainingBatch.Create(builder.Build(), sequences, Marks, new WordMasking(60, mask: 4, 0.15), new Random(1), CPU);
    }

    [GeneratedRegex(@"next sentences [\d.]+ nats, ([\d.]+) % right")]
    private static partial Regex NextSentences();
}
