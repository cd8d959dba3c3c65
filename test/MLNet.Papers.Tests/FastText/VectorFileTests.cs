using System.Text;

namespace MLNet.Papers.Tests.FastText;

[TestClass]
public sealed class VectorFileTests
{
    [TestMethod]
    public void Values_have_five_digits_and_a_space_after_each()
    {
        FastTextModel model = Load("3 4\na 1 -0.5 0.000012345678 123456.7\nbé 0 -0 1e-30 0.0001\nc 99999.5 1.00001 3 -2.5e10\n");
        const string Expected = "3 4\na 1 -0.5 1.2346e-05 1.2346e+05 \nbé 0 0 1e-30 0.0001 \nc 1e+05 1 3 -2.5e+10 \n";
        Assert.AreEqual(Expected, Text(model));
        Assert.AreEqual(Expected, Text(Load(Expected)));
    }

    [TestMethod]
    public void A_text_file_is_a_model_of_word_vectors_alone()
    {
        FastTextModel model = Load("2 2\nsea 3 4\noak 0 2\n");
        CollectionAssert.AreEqual(new[] { "sea", "oak" }, model.Words.ToArray());
        Assert.IsEmpty(model.Labels);
        Assert.IsFalse(model.HasSubwords);
        CollectionAssert.AreEqual(new[] { 3f, 4f }, model.GetWordVector("sea"));
        CollectionAssert.AreEqual(new[] { 0f, 0f }, model.GetWordVector("seas"));
        Assert.AreEqual("oak", model.NearestNeighbors("sea").Single().Word);
        Assert.ThrowsExactly<InvalidOperationException>(() => model.Predict("sea"));
        FastTextModel binary = RandomModels.Load(RandomModels.Bytes(model));
        Assert.AreEqual(Text(model), Text(binary));
        Assert.IsNull(binary.Output);
    }

    [TestMethod]
    [DataRow("2 2\na 1.000 2.00\n", "line 3")]
    [DataRow("1 2\na 1 2\nb 1 2\n", "line 3")]
    [DataRow("1 2\na 1\n", "line 2")]
    [DataRow("1 2\na 1 2 3\n", "line 2")]
    [DataRow("2 2\na 1 2 3\nb 4 5 6\n", "line 2")]
    [DataRow("1 2\na 1 x\n", "line 2")]
    [DataRow("1 2\na 1 NaN\n", "line 2")]
    [DataRow("1 2\na 1 1e99\n", "line 2")]
    [DataRow("1 2\n\n\n\n\n", "line 2")]
    [DataRow("2 2\na 1 2\n", "line 1")]
    [DataRow("3000000000 2\na 1 2\n", "line 1")]
    [DataRow("9 2\n", "line 1")]
    [DataRow("1 2\na\0b 1 2\n", "line 2")]
    [DataRow("1 2\n1 2\n", "line 2")]
    [DataRow("a 1 2\nb 3 4\n\nc 5 6\n", "line 3")]
    [DataRow("hello there\n", "magic")]
    [DataRow("one 1\ntwo 2\n", "magic")]
    [DataRow("", "magic")]
    public void A_line_that_cannot_be_is_named(string text, string named) =>
        Assert.Contains(named, Assert.ThrowsExactly<FormatException>(() => Load(text)).Message);

    [TestMethod]
    [DataRow("1 2\na 1 2")]
    [DataRow("1 2\r\na 1 2\r\n")]
    [DataRow("1 2\na\u00a0b 1 2 \n\n")]
    public void Line_ends_are_taken_as_they_come(string text) => CollectionAssert.AreEqual(new[] { 1f, 2f }, Load(text).WordVectors.Values.Single().ToArray());

    [TestMethod]
    [DataRow("the 0.1 0.2\nsea 0.3 0.4\n")]
    [DataRow("the 0.1 0.2\nsea 0.3 0.4")]
    [DataRow("the\t0.1\t0.2\r\nsea\t0.3\t0.4\r\n\r\n")]
    [DataRow("\uFEFFthe 0.1 0.2\nsea 0.3 0.4\n")]
    [DataRow("\uFEFF2 2\nthe 0.1 0.2\nsea 0.3 0.4\n")]
    [DataRow("2 2\r\nthe 0.1 0.2 \r\nsea  0.3 \t 0.4 \r\n")]
    public void The_line_with_the_counts_may_be_missing_and_a_byte_order_mark_present(string text)
    {
        FastTextModel model = Load(text);
        CollectionAssert.AreEqual(new[] { "the", "sea" }, model.Words.ToArray());
        CollectionAssert.AreEqual(new[] { 0.1f, 0.2f }, model.GetWordVector("the"));
        CollectionAssert.AreEqual(new[] { 0.3f, 0.4f }, model.GetWordVector("sea"));
    }

    [TestMethod]
    public void Without_the_line_with_the_counts_words_of_digits_and_of_several_pieces_are_words()
    {
        FastTextModel model = Load("1984 1 2\narea 51 3 4\nnew york 5 6\n");
        CollectionAssert.AreEqual(new[] { "1984", "area 51", "new york" }, model.Words.ToArray());
        CollectionAssert.AreEqual(new[] { 3f, 4f }, model.GetWordVector("area 51"));
    }

    [TestMethod]
    public void A_long_file_without_the_line_with_the_counts_is_read_to_its_end()
    {
        string text = string.Concat(Enumerable.Range(0, 40_000).Select(i => FormattableString.Invariant($"w{i} {i} 0.5 -1\n")));
        FastTextModel model = Load(text);
        Assert.HasCount(40_000, model.Words);
        CollectionAssert.AreEqual(new[] { 39_999f, 0.5f, -1 }, model.GetWordVector("w39999"));
        Assert.AreEqual("40000 3\n" + text.Replace("\n", " \n"), Text(model));
    }

    [TestMethod]
    public void Words_with_spaces_and_empty_ones_go_through_both_formats()
    {
        const string File = "6 2\nnew york 1 2 \na\tb 3 4 \n5 6 7 8 \n 9 10 \nà la 11 12 \nplain 13 14 \n";
        FastTextModel model = Load(File);
        CollectionAssert.AreEqual(new[] { "new york", "a\tb", "5 6", "", "à la", "plain" }, model.Words.ToArray());
        CollectionAssert.AreEqual(new[] { 9f, 10 }, model.GetWordVector(""));
        FastTextModel binary = RandomModels.Load(RandomModels.Bytes(model));
        CollectionAssert.AreEqual(model.Words.ToArray(), binary.Words.ToArray());
        Assert.AreEqual(File, Text(binary));
    }

    [TestMethod]
    [DataRow("line\nend")]
    [DataRow("space ")]
    [DataRow(" space")]
    [DataRow("\t")]
    public void A_word_that_no_line_can_hold_is_refused_before_anything_is_written(string word)
    {
        FastTextModel model = RandomModels.VectorsOf([.. new[] { "sea", word }.Select(Encoding.UTF8.GetBytes)]);
        using var stream = new MemoryStream();
        Assert.Contains(".bin", Assert.ThrowsExactly<InvalidOperationException>(() => model.SaveText(stream)).Message);
        Assert.AreEqual(0, stream.Length);
        CollectionAssert.AreEqual(model.Words.ToArray(), RandomModels.Load(RandomModels.Bytes(model)).Words.ToArray());
    }

    [TestMethod]
    public void Of_a_word_that_stands_twice_the_later_one_counts_and_is_there_once()
    {
        FastTextModel model = Load("4 2\nsea 1 0\noak 0 1\nsea 3 4\nelm 1 1\n");
        foreach (FastTextModel each in new[] { model, RandomModels.Load(RandomModels.Bytes(model)) })
        {
            CollectionAssert.AreEqual(new[] { "oak", "sea", "elm" }, each.Words.ToArray());
            CollectionAssert.AreEqual(new[] { 3f, 4f }, each.GetWordVector("sea"));
            CollectionAssert.AreEqual(new[] { 3f, 4f }, each.WordVectors.ToDictionary()["sea"].ToArray());
            CollectionAssert.AreEqual(new[] { 3f, 4f }, each.WordVectors.VectorOf(1).ToArray());
            CollectionAssert.AreEquivalent(new[] { "oak", "elm" }, each.NearestNeighbors("sea").Select(word => word.Word).ToArray());
            Assert.AreEqual("3 2\noak 0 1 \nsea 3 4 \nelm 1 1 \n", Text(each));
        }
    }

    [TestMethod]
    public void Words_that_are_not_UTF_8_are_not_among_those_that_can_be_asked_for()
    {
        // Cut letters, each begun and ended by another word: as one text they would be whole.
        byte[] text = [.. "5 2\nsea 1 2\n"u8, 0xE6, .. " 3 4\n"u8, 0x97, 0xA5, .. " 5 6\n"u8, 0xFF, .. " 7 8\noak 9 10\n"u8];
        FastTextModel model = RandomModels.Load(text);
        CollectionAssert.AreEqual(new[] { "sea", "oak" }, model.Words.ToArray());
        Assert.HasCount(2, model.WordVectors.ToDictionary());
        Assert.IsTrue(model.Words.All(model.WordVectors.ContainsKey));
        CollectionAssert.AreEqual(new[] { "oak" }, model.NearestNeighbors("sea").Select(word => word.Word).ToArray());
        byte[] binary = RandomModels.Bytes(model);
        CollectionAssert.AreEqual(binary, RandomModels.Bytes(RandomModels.Load(binary)));
        Assert.AreEqual(5, RandomModels.Load(binary).Dictionary.WordCount);
    }

    [TestMethod]
    [DataRow("1F8B0800", "compressed with gzip: unpack it first")]
    [DataRow("504B0304", "a zip archive")]
    [DataRow("425A6839", "compressed with bzip2")]
    [DataRow("FD377A585A00", "compressed with xz")]
    [DataRow("28B52FFD", "compressed with Zstandard")]
    [DataRow("894844460D0A1A0A", "an HDF5 file")]
    [DataRow("80049500", "a pickle of Python")]
    [DataRow("FFFE61006200", "text in UTF-16")]
    [DataRow("3C21444F43545950452068746D6C3E", "a web page")]
    [DataRow("3220330A6120000102030000803F", "word2vec's binary format")]
    [DataRow("", "empty")]
    public void A_file_of_another_kind_is_named_with_its_kind(string bytes, string kind)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Convert.FromHexString(bytes));
            string message = Assert.ThrowsExactly<FormatException>(() => FastTextModel.Load(path)).Message;
            Assert.Contains($"'{path}'", message);
            Assert.Contains($"The file seems to be {kind}", message);
            var options = new FastTextOptions { InitialVectors = path };
            Assert.Contains($"'{path}'", Assert.ThrowsExactly<FormatException>(() => MLNet.Papers.FastText.InitialVectors.Load(options)).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void A_damaged_file_is_named()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, WorkedFile.Create()[..^3]);
            string message = Assert.ThrowsExactly<FormatException>(() => FastTextModel.Load(path)).Message;
            Assert.StartsWith($"'{path}': The fastText model is not valid: m of the output matrix claims 2 elements", message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Word_vectors_are_a_dictionary_in_the_order_of_the_file()
    {
        FastTextModel model = RandomModels.Vectors();
        FastTextWordVectors vectors = model.WordVectors;
        Assert.HasCount(RandomModels.Words.Length, vectors);
        CollectionAssert.AreEqual(RandomModels.Words, vectors.Keys.ToArray());
        foreach ((string word, ReadOnlyMemory<float> vector) in vectors)
            CollectionAssert.AreEqual(model.GetWordVector(word), vector.ToArray());
        Assert.IsTrue(vectors.ContainsKey("café"));
        Assert.IsFalse(vectors.TryGetValue("cafés", out _));
        Assert.Contains("'cafés'", Assert.ThrowsExactly<KeyNotFoundException>(() => vectors["cafés"]).Message);
    }

    private static FastTextModel Load(string text) => RandomModels.Load(Encoding.UTF8.GetBytes(text));

    private static string Text(FastTextModel model)
    {
        using var stream = new MemoryStream();
        model.SaveText(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
