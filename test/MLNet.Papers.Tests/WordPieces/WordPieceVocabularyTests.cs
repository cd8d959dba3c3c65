using System.Text;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers.Tests.WordPieces;

/// <summary>Files of vocabularies, honest and not.</summary>
[TestClass]
public sealed class WordPieceVocabularyTests
{
    private const string Marks = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";

    [TestMethod]
    [DataRow("\n")]
    [DataRow("\r\n")]
    public void What_is_saved_is_loaded(string end)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, (Marks + "a\n##é\n😀\n \u2028\n").Replace("\n", end));
            WordPieceVocabulary vocabulary = WordPieceVocabulary.Load(path);
            vocabulary.Save(path);
            Assert.AreEqual(Marks + "a\n##é\n😀\n \u2028\n", File.ReadAllText(path));
            Assert.AreEqual((0, 1, 2, 3, 4, 9), (vocabulary.Padding, vocabulary.Unknown, vocabulary.Classification, vocabulary.Separator, vocabulary.Mask,
                vocabulary.Count));
            Assert.IsTrue(vocabulary.TryGetId("##é", out int id));
            Assert.AreEqual(6, id);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    [DataRow(Marks + "a\nb\na\n", "line 8", "line 6")]
    [DataRow(Marks + "a\n\nb\n", "line 7", "empty")]
    [DataRow("a\nb\n", "[UNK]", "2 pieces")]
    [DataRow("", "empty", "vocabulary")]
    [DataRow("{\"model\": 1}", "JSON", "vocabulary")]
    [DataRow("\0\u0001\u0002\u0003", "vocabulary", "text")]
    public void A_file_that_is_no_vocabulary_is_refused(string text, string first, string second) => AssertRefused(Encoding.UTF8.GetBytes(text), first, second);

    [TestMethod]
    public void Bytes_that_are_no_text_are_refused() => AssertRefused([.. Encoding.UTF8.GetBytes(Marks), (byte)'a', 0xFF, (byte)'\n'], "UTF-8", "vocabulary");

    [TestMethod]
    public void A_line_without_end_takes_no_memory() =>
        AssertRefused([.. Encoding.UTF8.GetBytes(Marks), .. new byte[1 << 20].Select(_ => (byte)'a')], "line 6", "1000");

    private static void AssertRefused(byte[] bytes, params string[] parts)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            FormatException error = Assert.ThrowsExactly<FormatException>(() => WordPieceVocabulary.Load(path));
            foreach (string part in (string[])[.. parts, path])
                Assert.Contains(part, error.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
