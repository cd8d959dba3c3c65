using System.Text;
using MLNet.Papers.FastText;

namespace MLNet.Papers.Tests.FastText;

[TestClass]
public sealed class SubwordTests
{
    [TestMethod]
    [DataRow("", 2166136261)]
    [DataRow("a", 3826002220)]
    [DataRow("<wh", 1048167652u)]
    [DataRow("where", 90969176u)]
    [DataRow("<where>", 2319392596)]
    [DataRow("</s>", 3617362777)]
    [DataRow("é", 1023043777u)]
    [DataRow("<é", 672036627u)]
    [DataRow("café", 1970454601u)]
    [DataRow("日", 3213514749)]
    public void Bytes_are_hashed_with_their_sign(string text, uint hash) => Assert.AreEqual(hash, SubwordHash.Of(Encoding.UTF8.GetBytes(text)));

    [TestMethod]
    public void A_word_has_its_pieces_by_start_and_then_by_length()
    {
        string[] texts = ["<wh", "<whe", "<wher", "<where", "whe", "wher", "where", "where>", "her", "here", "here>", "ere", "ere>", "re>"];
        uint[] buckets = [167652, 989715, 1526707, 1071586, 420941, 312621, 969176, 121234, 1473420, 1540811, 114991, 1529033, 1568469, 867498];
        (string Text, uint Bucket)[] expected = [.. texts.Zip(buckets)];
        CollectionAssert.AreEqual(expected, Pieces("where", 3, 6, 2_000_000));
    }

    [TestMethod]
    public void Pieces_are_code_points_and_no_bracket_stands_alone() =>
        CollectionAssert.AreEqual(new (string, uint)[] { ("<n", 655), ("n", 553), ("né", 165), ("é", 777), ("é>", 781) }, Pieces("né", 1, 2, 1000));

    [TestMethod]
    [DataRow("where", 3, 6)]
    [DataRow("né", 1, 2)]
    [DataRow("né", 0, 9)]
    [DataRow("", 1, 3)]
    [DataRow("日本語", 2, 5)]
    [DataRow("a", 3, 3)]
    [DataRow("a", 5, 3)]
    public void The_number_of_pieces_is_known_beforehand(string word, int minimum, int maximum) =>
        Assert.AreEqual(Pieces(word, minimum, maximum, 100).Length, SubwordEnumerator.Count(Encoding.UTF8.GetBytes(word), minimum, maximum));

    [TestMethod]
    public void A_known_word_has_its_own_row_first_and_the_end_of_a_line_no_other()
    {
        FastTextModel model = RandomModels.Vectors();
        FastTextDictionary dictionary = model.Dictionary;
        int harbour = dictionary.Find("harbour"u8);
        Assert.AreEqual(2, harbour);
        int[] ngrams = [.. Pieces("harbour", 2, 4, 60).Select(piece => RandomModels.Words.Length + (int)piece.Bucket)];
        CollectionAssert.AreEqual((int[])[2, .. ngrams], dictionary.Rows(harbour).ToArray());
        List<int> rows = [];
        dictionary.AppendSubwords("harbour"u8, rows);
        CollectionAssert.AreEqual(ngrams, rows);
        CollectionAssert.AreEqual((int[])[2, .. ngrams], model.GetSubwords("harbour").Select(piece => piece.Row).ToArray());
        CollectionAssert.AreEqual(new[] { 0 }, dictionary.Rows(dictionary.EndOfSentence).ToArray());
        Assert.AreEqual(-1, dictionary.Find("harbours"u8));
    }

    [TestMethod]
    public void A_word_longer_than_any_buffer_has_its_pieces()
    {
        string word = new('x', 100_000);
        List<int> rows = [];
        RandomModels.Vectors().Dictionary.AppendSubwords(Encoding.UTF8.GetBytes(word), rows);
        Assert.HasCount(100_001 + 100_000 + 99_999, rows);
        Assert.HasCount(6, RandomModels.Vectors().GetWordVector(word));
    }

    [TestMethod]
    public void Word_n_grams_chain_signed_hashes()
    {
        FastTextArguments arguments = RandomModels.Classifier(FastTextLoss.Softmax).Arguments with { Buckets = 1000, WordNgrams = 3, MaxNgramLength = 0 };
        var dictionary = new FastTextDictionary([], 0, arguments);
        List<int> rows = [];
        dictionary.AppendWordNgrams([.. new[] { "the", "cat", "sat" }.Select(word => unchecked((int)SubwordHash.Of(Encoding.UTF8.GetBytes(word))))], rows);
        CollectionAssert.AreEqual(new[] { 411, 896, 28 }, rows);
    }

    [TestMethod]
    public void A_line_is_words_then_its_end_then_word_n_grams_without_labels()
    {
        FastTextArguments arguments = RandomModels.Classifier(FastTextLoss.Softmax).Arguments with { Buckets = 1000, WordNgrams = 2, MaxNgramLength = 0 };
        DictionaryEntry[] entries =
        [
            .. new[] { "</s>", "cat", "__label__a" }.Select(name => new DictionaryEntry(Encoding.UTF8.GetBytes(name), 1, name[0] == '_')),
        ];
        var dictionary = new FastTextDictionary(entries, 3, arguments);
        List<int> rows = [];
        int tokens = dictionary.AppendLine("__label__a the __label__unheard cat"u8, rows, new LineTokens());
        Assert.AreEqual(5, tokens);
        // "the" is unknown and has no row, but takes part in the pairs: the-cat is bucket 411; cat and the end make the other pair.
        Assert.AreEqual(1, rows[0]);
        Assert.AreEqual(0, rows[1]);
        Assert.AreEqual(2 + 411, rows[2]);
        Assert.HasCount(4, rows);
    }

    // As the reference program, which reads on in a new line.
    [TestMethod]
    public void An_end_of_a_sentence_that_is_written_out_ends_the_line()
    {
        FastTextArguments arguments = RandomModels.Classifier(FastTextLoss.Softmax).Arguments with { Buckets = 1000, WordNgrams = 2, MaxNgramLength = 0 };
        DictionaryEntry[] entries =
        [
            .. new[] { "</s>", "cat", "__label__a" }.Select(name => new DictionaryEntry(Encoding.UTF8.GetBytes(name), 1, name[0] == '_')),
        ];
        var dictionary = new FastTextDictionary(entries, 3, arguments);
        List<int> whole = [], written = [];
        dictionary.AppendLine("cat the"u8, whole, new LineTokens());
        Assert.AreEqual(5, dictionary.AppendLine("cat the </s> cat"u8, written, new LineTokens()));
        CollectionAssert.AreEqual(whole, written);
        Assert.AreEqual(1, written.Count(row => row == 0));
    }

    [TestMethod]
    public void Only_seven_bytes_separate_tokens()
    {
        string text = "\0 a\nb\rc\td\ve\ff  g\u00a0h\u3000i\u0085j\u001fk ";
        CollectionAssert.AreEqual(new[] { "a", "b", "c", "d", "e", "f", "g\u00a0h\u3000i\u0085j\u001fk" }, Tokens(new Utf8Text().Encode(text)));
        CollectionAssert.AreEqual(Array.Empty<string>(), Tokens(new Utf8Text().Encode(" \n\0")));
    }

    [TestMethod]
    public void Surrogates_without_a_partner_become_the_replacement_character()
    {
        byte[] bytes = new Utf8Text().Encode("a\ud800b\udc00\ud83d\ude00").ToArray();
        CollectionAssert.AreEqual(new byte[] { 0x61, 0xEF, 0xBF, 0xBD, 0x62, 0xEF, 0xBF, 0xBD, 0xF0, 0x9F, 0x98, 0x80 }, bytes);
    }

    [TestMethod]
    public void Several_texts_are_joined_by_spaces()
    {
        var buffer = new Utf8Text();
        buffer.Encode("what was there before");
        buffer.Clear();
        foreach (string text in new[] { "a", "", new string('é', 1000), "b c" })
            buffer.Append(text);
        CollectionAssert.AreEqual(new[] { "a", new string('é', 1000), "b", "c" }, Tokens(buffer.Bytes));
    }

    [TestMethod]
    public void A_token_knows_its_hash()
    {
        var tokens = new TokenEnumerator("where </s>"u8);
        Assert.IsTrue(tokens.MoveNext());
        Assert.AreEqual(90969176u, tokens.Hash);
        Assert.IsTrue(tokens.MoveNext());
        Assert.AreEqual(3617362777u, tokens.Hash);
        Assert.IsFalse(tokens.MoveNext());
    }

    private static (string Text, uint Bucket)[] Pieces(string word, int minimum, int maximum, uint buckets)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(word);
        List<(string, uint)> pieces = [];
        var subwords = new SubwordEnumerator(SubwordEnumerator.Bracket(bytes, new byte[bytes.Length + 2]), minimum, maximum);
        while (subwords.MoveNext())
        {
            Assert.AreEqual(SubwordHash.Of(subwords.Current), subwords.Hash);
            pieces.Add((Encoding.UTF8.GetString(subwords.Current), subwords.Hash % buckets));
        }

        return [.. pieces];
    }

    private static string[] Tokens(ReadOnlySpan<byte> utf8)
    {
        List<string> tokens = [];
        foreach (ReadOnlySpan<byte> token in new TokenEnumerator(utf8))
            tokens.Add(Encoding.UTF8.GetString(token));
        return [.. tokens];
    }
}
