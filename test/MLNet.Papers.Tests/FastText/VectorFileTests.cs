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
    [DataRow("1 2\na 1 x\n", "line 2")]
    [DataRow("1 2\na 1 NaN\n", "line 2")]
    [DataRow("1 2\na 1 1e99\n", "line 2")]
    [DataRow("1 2\n 1 2 \n", "line 2")]
    [DataRow("1 2\n\n\n\n\n", "line 2")]
    [DataRow("2 2\na 1 2\n", "line 1")]
    [DataRow("3000000000 2\na 1 2\n", "line 1")]
    [DataRow("9 2\n", "line 1")]
    [DataRow("hello there\n", "magic")]
    [DataRow("", "magic")]
    public void A_line_that_cannot_be_is_named(string text, string named) =>
        Assert.Contains(named, Assert.ThrowsExactly<FormatException>(() => Load(text)).Message);

    [TestMethod]
    [DataRow("1 2\na 1 2")]
    [DataRow("1 2\r\na 1 2\r\n")]
    [DataRow("1 2\na\u00a0b 1 2 \n\n")]
    public void Line_ends_are_taken_as_they_come(string text) => CollectionAssert.AreEqual(new[] { 1f, 2f }, Load(text).WordVectors.Values.Single().ToArray());

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
