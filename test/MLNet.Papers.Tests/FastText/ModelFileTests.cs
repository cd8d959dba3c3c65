using MLNet.Papers.FastText;

namespace MLNet.Papers.Tests.FastText;

[TestClass]
public sealed class ModelFileTests
{
    public static IEnumerable<object[]> Models =>
    [
        ["vectors"], ["plain"], ["softmax"], ["quantized"], ["quantized without norms"], ["long pieces"], ["quantized output"], ["all n-grams pruned"],
    ];

    [TestMethod]
    public void The_worked_file_is_read_field_by_field()
    {
        byte[] bytes = WorkedFile.Create();
        Assert.HasCount(328, bytes);
        FastTextModel model = RandomModels.Load(bytes);
        Assert.AreEqual(2, model.Dimension);
        Assert.AreEqual(FastTextArchitecture.Supervised, model.Architecture);
        Assert.AreEqual(FastTextLoss.Softmax, model.Loss);
        Assert.IsFalse(model.IsQuantized);
        Assert.IsFalse(model.HasSubwords);
        CollectionAssert.AreEqual(new[] { "</s>", "the", "cat", "ran", "sat", "a", "dog" }, model.Words.ToArray());
        CollectionAssert.AreEqual(new[] { "a", "b" }, model.Labels.ToArray());
        Assert.AreEqual(15, model.Dictionary.TokenCount);
        Assert.AreEqual(2, model.Dictionary.Count(model.Dictionary.Find("cat"u8)));
        CollectionAssert.AreEqual(new[] { 1f, 1.25f }, model.GetWordVector("cat"));
        CollectionAssert.AreEqual(new[] { 0f, 0f }, model.GetWordVector("bird"));
        // The rows of "the", "cat" and the end of the line: (0.5 + 1 + 0) / 3 and (0.75 + 1.25 + 0.25) / 3.
        CollectionAssert.AreEqual(new[] { 0.5f, 0.75f }, model.GetSentenceVector("the bird cat"));
        CollectionAssert.AreEqual(bytes, RandomModels.Bytes(model));
    }

    [TestMethod, DynamicData(nameof(Models))]
    public void A_model_that_is_read_and_saved_is_the_same_file(string name)
    {
        byte[] bytes = RandomModels.Bytes(Model(name));
        CollectionAssert.AreEqual(bytes, RandomModels.Bytes(RandomModels.Load(bytes)));
        using Stream slow = new TricklingStream(bytes);
        CollectionAssert.AreEqual(bytes, RandomModels.Bytes(FastTextModel.Load(slow)));
    }

    [TestMethod, DynamicData(nameof(Models))]
    public void A_file_that_ends_too_early_is_refused_wherever_it_ends(string name)
    {
        byte[] bytes = RandomModels.Bytes(Model(name));
        for (int length = 0; length < bytes.Length; length += length < 700 ? 1 : 97)
        {
            Assert.ThrowsExactly<FormatException>(() => RandomModels.Load(bytes[..length]), $"{length} bytes");
            Assert.ThrowsExactly<FormatException>(() => FastTextModel.Load(new TricklingStream(bytes[..length])), $"{length} bytes");
        }

        Assert.Contains("end of the file", Assert.ThrowsExactly<FormatException>(() => RandomModels.Load([.. bytes, 0])).Message);
    }

    [TestMethod]
    [DataRow("magic", 1.0)]
    [DataRow("version", 13.0)]
    [DataRow("version", 10.0)]
    [DataRow("dim", 0.0)]
    [DataRow("dim", -2.0)]
    [DataRow("dim", 2_000_000_000.0)]
    [DataRow("ws", -1.0)]
    [DataRow("epoch", -1.0)]
    [DataRow("minCount", -1.0)]
    [DataRow("neg", -1.0)]
    [DataRow("wordNgrams", -1.0)]
    [DataRow("loss", 0.0)]
    [DataRow("loss", 5.0)]
    [DataRow("model", 4.0)]
    [DataRow("bucket", -1.0)]
    [DataRow("minn", -1.0)]
    [DataRow("maxn", 1_000_000.0)]
    [DataRow("lrUpdateRate", -1.0)]
    [DataRow("t", double.NaN)]
    [DataRow("size", 8.0)]
    [DataRow("size", -9.0)]
    [DataRow("size", 2_000_000_000.0)]
    [DataRow("nwords", 9.0, "size")]
    [DataRow("nlabels", -2.0, "size")]
    [DataRow("ntokens", -1.0)]
    [DataRow("pruneidx_size", -2.0)]
    [DataRow("pruneidx_size", 1e15)]
    [DataRow("quant_input", 2.0)]
    [DataRow("qout", 1.0)]
    [DataRow("m of the input", 6.0)]
    [DataRow("m of the input", -1.0)]
    [DataRow("m of the input", 4e18)]
    [DataRow("n of the input", 3.0)]
    [DataRow("m of the output", 1.0)]
    [DataRow("n of the output", 1.0)]
    [DataRow("value 1", double.NaN, "input matrix")]
    [DataRow("value 3", double.PositiveInfinity, "input matrix")]
    public void A_field_that_cannot_be_is_named(string field, double value, string? named = null)
    {
        FormatException error = Assert.ThrowsExactly<FormatException>(() => RandomModels.Load(WorkedFile.Create((field, value))));
        Assert.Contains(named ?? field, error.Message);
    }

    [TestMethod]
    public void A_word_after_a_label_or_a_label_among_words_is_refused()
    {
        Assert.Contains(
            "type of entry 7", Assert.ThrowsExactly<FormatException>(() => RandomModels.Load(WorkedFile.Create(("nwords", 8), ("nlabels", 1)))).Message);
        Assert.Contains(
            "type of entry 6", Assert.ThrowsExactly<FormatException>(() => RandomModels.Load(WorkedFile.Create(("nwords", 6), ("nlabels", 3)))).Message);
    }

    [TestMethod]
    public void Buckets_need_rows() =>
        Assert.Contains(
            "m of the input matrix",
            Assert.ThrowsExactly<FormatException>(() => RandomModels.Load(WorkedFile.Create(("bucket", 10), ("wordNgrams", 2)))).Message);

    [TestMethod]
    public void A_pruned_dictionary_needs_a_quantised_matrix() =>
        Assert.Contains("quant_input", Assert.ThrowsExactly<FormatException>(() => RandomModels.Load(WorkedFile.Create(("pruneidx_size", 0)))).Message);

    [TestMethod]
    public void Classifiers_of_version_11_have_no_n_grams_of_letters()
    {
        // The same file in version 12 would need rows for its buckets.
        FastTextModel model = RandomModels.Load(WorkedFile.Create(("version", 11), ("maxn", 6), ("minn", 3), ("bucket", 2_000_000)));
        Assert.IsFalse(model.HasSubwords);
        CollectionAssert.AreEqual(new[] { 0f, 0f }, model.GetWordVector("bird"));
        Assert.ThrowsExactly<FormatException>(() => RandomModels.Load(WorkedFile.Create(("maxn", 6), ("minn", 3), ("bucket", 2_000_000))));
    }

    [TestMethod]
    public void The_extension_says_what_is_written_and_must_go_with_the_model()
    {
        string folder = Directory.CreateTempSubdirectory("fasttext").FullName;
        try
        {
            FastTextModel dense = RandomModels.Vectors(), quantized = RandomModels.Quantized();
            dense.Save(Path.Combine(folder, "model.bin"));
            dense.Save(Path.Combine(folder, "model.vec"));
            quantized.Save(Path.Combine(folder, "small.FTZ"));
            CollectionAssert.AreEqual(RandomModels.Bytes(dense), File.ReadAllBytes(Path.Combine(folder, "model.bin")));
            CollectionAssert.AreEqual(RandomModels.Bytes(quantized), File.ReadAllBytes(Path.Combine(folder, "small.FTZ")));
            Assert.IsTrue(FastTextModel.Load(Path.Combine(folder, "small.FTZ")).IsQuantized);
            CollectionAssert.AreEqual(dense.Words.ToArray(), FastTextModel.Load(Path.Combine(folder, "model.vec")).Words.ToArray());
            Assert.Contains("Quantize", Assert.ThrowsExactly<ArgumentException>(() => dense.Save(Path.Combine(folder, "no.ftz"))).Message);
            Assert.Contains(".ftz", Assert.ThrowsExactly<ArgumentException>(() => quantized.Save(Path.Combine(folder, "no.bin"))).Message);
            Assert.Contains("'.txt'", Assert.ThrowsExactly<ArgumentException>(() => dense.Save(Path.Combine(folder, "no.txt"))).Message);
            Assert.IsEmpty(Directory.GetFiles(folder, "no.*"));
            Assert.ThrowsExactly<FileNotFoundException>(() => FastTextModel.Load(Path.Combine(folder, "missing.bin")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Of_two_entries_of_one_name_the_later_one_is_found()
    {
        FastTextArguments arguments = RandomModels.Vectors(maximum: 0).Arguments;
        DictionaryEntry[] entries = [.. new[] { "a"u8.ToArray(), "b"u8.ToArray(), "a"u8.ToArray() }.Select(name => new DictionaryEntry(name, 1, false))];
        Assert.AreEqual(2, new FastTextDictionary(entries, 3, arguments).Find("a"u8));
    }

    private static FastTextModel Model(string name)
    {
        FastTextModel quantized = RandomModels.Quantized();
        return name switch
        {
            "vectors" => RandomModels.Vectors(),
            "plain" => RandomModels.Vectors(maximum: 0),
            "softmax" => RandomModels.Classifier(FastTextLoss.Softmax),
            "quantized" => quantized,
            "quantized without norms" => RandomModels.Quantized(hasNorms: false),
            "long pieces" => RandomModels.Quantized(dimension: 3, pieceLength: 8),
            "quantized output" => new(quantized.Arguments, quantized.Dictionary, quantized.Input,
                RandomModels.Quantized(new Random(8), RandomModels.Labels.Length, quantized.Dimension, 2, true)),
            _ => AllPruned(quantized),
        };
    }

    private static FastTextModel AllPruned(FastTextModel model)
    {
        FastTextDictionary old = model.Dictionary;
        DictionaryEntry[] entries = [.. Enumerable.Range(0, old.WordCount + old.LabelCount).Select(old.Entry)];
        return new FastTextModel(model.Arguments, new FastTextDictionary(entries, 5, model.Arguments, []), model.Input, model.Output);
    }
}
