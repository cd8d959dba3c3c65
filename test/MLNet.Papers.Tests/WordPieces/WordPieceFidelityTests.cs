using System.Text.Json;
using MLNet.Papers.Samples.Bert;
using MLNet.Papers.Samples.Texts;
using MLNet.Papers.WordPieces;
using Tokenizers.DotNet;

namespace MLNet.Papers.Tests.WordPieces;

/// <summary>Word pieces by hand, and against the program that most published encoders were trained with.</summary>
[TestClass]
public sealed class WordPieceFidelityTests
{
    private const string Marks = "[PAD] [UNK] [CLS] [SEP] [MASK] ";

    private static readonly Lazy<IReadOnlyList<TranslatedText>> Messages =
        new(() => ResourceStrings.Read(DotnetInstallation.SdkFolder(), CancellationToken.None));

    private static readonly Lazy<WordPieceVocabulary> Published = new(() => WordPieceVocabulary.Load(PackagedEncoder.MiniLM.VocabularyPath));

    [TestMethod]
    [DataRow("That is a happy person", "2008 2003 1037 3407 2711")]
    [DataRow("", "")]
    [DataRow(" \t\r\n\u3000\u2028\u0000\u200B\uFFFD\uD800", "")]
    public void A_published_vocabulary_gives_the_published_numbers(string text, string expected) =>
        Assert.AreEqual(expected, string.Join(' ', Pieces(text, Published.Value, new()).Select(piece => piece.Id)));

    // unaffable = un + ##aff + ##able: the longest piece first.
    [TestMethod]
    [DataRow("unaffable", "un ##aff ##able")]
    [DataRow("UNAFFABLE un", "un ##aff ##able un")]
    [DataRow("unaffablez", "[UNK]")]
    [DataRow("affable", "[UNK]")]
    [DataRow("Héllo,WORLD", "hello , world")]
    [DataRow("he\u0301llo\u200B world", "hello world")]
    [DataRow("hello世界world", "hello 世 [UNK] world")]
    [DataRow("un\tun\nun\run", "un un un un")]
    [DataRow("$+<=>^`|~", "$ [UNK] < [UNK] > [UNK] [UNK] | [UNK]")]
    [DataRow("[MASK]", "[ [UNK] ]")]
    [DataRow("[UNK] [CLS]", "[ [UNK] ] [ [UNK] ]")]
    [DataRow("hello\u00A0world", "hello world")]
    [DataRow("un\u00ADaffable", "un ##aff ##able")]
    [DataRow("\uD800un\uDC00", "un")]
    [DataRow("a\u037Eb", "[UNK] ; [UNK]")]
    [DataRow("Kantō lǜshi", "kanto lushi")]
    [DataRow("İx", "ix")]
    [DataRow("ΣΑΣ", "σασ")]
    [DataRow("가", "ᄀ ##ᅡ")]
    [DataRow("각", "ᄀ ##ᅡ ##ᆨ")]
    public void Words_are_cut_as_by_hand(string text, string expected)
    {
        WordPieceVocabulary vocabulary =
            Vocabulary(Marks + "un ##aff ##able hello , world 世 $ < > | [ ] ; kanto lushi ix σασ ᄀ ##ᅡ ##ᆨ");
        Assert.AreEqual(expected, Names(text, vocabulary, new()));
    }

    [TestMethod]
    public void Google_has_a_sigma_for_the_ends_of_words_and_keeps_characters_of_private_use()
    {
        WordPieceVocabulary vocabulary = Vocabulary(Marks + "σας σασ σ ασ a\uE000b ab αʼςσ");
        WordPieceRules google = new() { Convention = WordPieceConvention.Google }, huggingFace = new();
        Assert.AreEqual("σας σ", Names("ΣΑΣ Σ", vocabulary, google));
        Assert.AreEqual("σασ σ", Names("ΣΑΣ Σ", vocabulary, huggingFace));
        Assert.AreEqual("a\uE000b", Names("a\uE000b", vocabulary, google));
        Assert.AreEqual("ab", Names("a\uE000b", vocabulary, huggingFace));
    }

    [TestMethod]
    public void Rules_can_be_switched_off()
    {
        WordPieceVocabulary vocabulary = Vocabulary(Marks + "Hé hé he He 世界 世 界");
        Assert.AreEqual("he", Names("Hé", vocabulary, new()));
        Assert.AreEqual("hé", Names("Hé", vocabulary, new() { StripAccents = false }));
        Assert.AreEqual("Hé", Names("Hé", vocabulary, new() { StripAccents = false, LowerCase = false }));
        Assert.AreEqual("He", Names("Hé", vocabulary, new() { LowerCase = false }));
        Assert.AreEqual("世 界", Names("世界", vocabulary, new()));
        Assert.AreEqual("世界", Names("世界", vocabulary, new() { SplitIdeographs = false }));
    }

    [TestMethod]
    [DataRow(WordPieceConvention.HuggingFace, 100)]
    [DataRow(WordPieceConvention.Google, 200)]
    public void A_word_that_is_too_long_is_unknown(WordPieceConvention convention, int most)
    {
        WordPieceVocabulary vocabulary = Vocabulary(Marks + "a ##a");
        var rules = new WordPieceRules { Convention = convention, MaxWordLength = WordPieceRules.LengthOf(convention) };
        Assert.HasCount(most, Pieces(new string('a', most), vocabulary, rules));
        WordPiece unknown = Pieces("  " + new string('a', most + 1), vocabulary, rules).Single();
        Assert.AreEqual(new WordPiece(vocabulary.Unknown, 2, most + 1, BeginsWord: true), unknown);
        // Characters beyond the first plane count once, and what is left out not at all.
        Assert.HasCount(
            1, Pieces(string.Concat(Enumerable.Repeat("𝐀", most)), Vocabulary(Marks + "𝐀 ##𝐀 " + string.Concat(Enumerable.Repeat("𝐀", most))), rules));
        Assert.HasCount(most, Pieces(string.Concat(Enumerable.Repeat("a\u0301\u200B", most)), vocabulary, rules));
    }

    // Each piece is where its characters come from, whatever became of them.
    [TestMethod]
    [DataRow("unaffable un", "un|aff|able|un")]
    [DataRow("U\u200Bnaffable", "U\u200Bn|aff|able")]
    [DataRow("He\u0301llo, hé", "He\u0301llo|,|hé")]
    [DataRow("가나", "가|가|나|나")]
    [DataRow("𝐀xyz un", "𝐀xyz|un")]
    [DataRow("\uD800 un", "un")]
    public void Offsets_are_those_of_the_text_as_it_is_given(string text, string expected)
    {
        WordPieceVocabulary vocabulary = Vocabulary(Marks + "un ##aff ##able hello , he ᄀ ##ᅡ ##ᄂ");
        List<WordPiece> pieces = Pieces(text, vocabulary, new());
        Assert.AreEqual(expected, string.Join('|', pieces.Select(piece => text.Substring(piece.Start, piece.Length))));
    }

    [TestMethod]
    public void The_first_piece_of_a_word_says_so()
    {
        List<WordPiece> pieces = Pieces("unaffable,un", Vocabulary(Marks + "un ##aff ##able ,"), new());
        CollectionAssert.AreEqual(new[] { true, false, false, true, true }, pieces.ConvertAll(piece => piece.BeginsWord));
    }

    // The other program has characters as Unicode had them years ago; these texts have none that changed since.
    [TestMethod]
    [DataRow(true, true, true, 100)]
    [DataRow(false, false, false, 100)]
    [DataRow(true, false, true, 9)]
    [DataRow(false, true, true, 100)]
    public void Numbers_are_those_of_Hugging_Faces_program(bool lowerCase, bool stripAccents, bool splitIdeographs, int most)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Description(lowerCase, stripAccents, splitIdeographs, most));
            var other = new Tokenizer(path);
            var tokenizer = new WordPieceTokenizer(Published.Value, new()
            {
                LowerCase = lowerCase,
                StripAccents = stripAccents,
                SplitIdeographs = splitIdeographs,
                MaxWordLength = most,
            });
            var pieces = new List<WordPiece>();
            List<string> differing = [];
            foreach (string text in MixedTexts(2_500).Concat(RealTexts(lowerCase && stripAccents ? 10_000 : 1_000)))
            {
                pieces.Clear();
                tokenizer.Tokenize(text, pieces);
                string own = string.Join(' ', pieces.Select(piece => piece.Id)), theirs = string.Join(' ', other.Encode(text));
                if (own != theirs)
                    differing.Add($"{JsonSerializer.Serialize(text)}: {own}, not {theirs}");
            }

            Assert.IsEmpty(differing, string.Join('\n', differing.Take(10)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Threads_share_a_tokenizer_and_no_text_allocates()
    {
        var tokenizer = new WordPieceTokenizer(Published.Value, new());
        string[] texts = [.. MixedTexts(500)];
        string[] expected = [.. texts.Select(text => string.Join(' ', Pieces(text, Published.Value, new())))];
        Parallel.For(0, 4, _ =>
        {
            var pieces = new List<WordPiece>(1000);
            for (int i = 0; i < texts.Length; i++)
            {
                pieces.Clear();
                tokenizer.Tokenize(texts[i], pieces);
                Assert.AreEqual(expected[i], string.Join(' ', pieces));
            }
        });
        var room = new List<WordPiece>(10_000);
        tokenizer.Tokenize("warm", room);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (string text in texts)
        {
            room.Clear();
            tokenizer.Tokenize(text, room);
        }

        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Messages of programs in 13 languages.</summary>
    private static IEnumerable<string> RealTexts(int count)
    {
        IReadOnlyList<TranslatedText> texts = Messages.Value;
        Assert.IsGreaterThanOrEqualTo(13, texts.Select(text => text.Language).Distinct().Count());
        Assert.IsGreaterThanOrEqualTo(count, texts.Count);
        return texts.Where((_, i) => i % (texts.Count / count) == 0).Take(count).Select(text => text.Text);
    }

    /// <summary>What is seldom side by side.</summary>
    private static IEnumerable<string> MixedTexts(int count)
    {
        var random = new Random(1);
        string[] parts =
        [
            "a", "b", "C", "un", "ING", "ı", "İ", "Σ", "σ", "ς", "ß", "ẞ", "é",
            "É", "e\u0301", "\u0327", "ñ", "ö", "가", "각", "一", "丁", "㐀", "𠀀", "\uFA0E", "𝐀",
            "😀", "👨‍👩‍👧",
            "\u0000", "\uFFFD", "\u200D", "\u00AD", "\t", "\n", "\r", "\u000B", "\u0085", "\u00A0", "\u2028", "\u3000", " ", " ", " ", ".", ",", "!", "#", "$",
            "+", "<", "=", "^", "`",
            "|", "~", "–", "—", "«", "、", "。", "[MASK]", "##un", "\uE000", "क्षि", "ไทย", "Ж", "й", "Ωmega", "ﬁ", "½", "①", "\u1E9B\u0323", "\uAC00\u11A8",
            "\u037E", "\u1FEF",
        ];
        for (int i = 0; i < count; i++)
            yield return string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => parts[random.Next(parts.Length)]));
    }

    private static string Description(bool lowerCase, bool stripAccents, bool splitIdeographs, int most) => JsonSerializer.Serialize(new
    {
        version = "1.0",
        truncation = (object?)null,
        padding = (object?)null,
        added_tokens = Array.Empty<object>(),
        normalizer =
            new { type = "BertNormalizer", clean_text = true, handle_chinese_chars = splitIdeographs, strip_accents = stripAccents, lowercase = lowerCase },
        pre_tokenizer = new { type = "BertPreTokenizer" },
        post_processor = (object?)null,
        decoder = (object?)null,
        model = new
        {
            type = "WordPiece",
            unk_token = "[UNK]",
            continuing_subword_prefix = "##",
            max_input_chars_per_word = most,
            vocab = Published.Value.Pieces.Select((piece, id) => (piece, id)).ToDictionary(pair => pair.piece, pair => pair.id),
        },
    });

    private static WordPieceVocabulary Vocabulary(string pieces) => new(pieces.Split(' '));

    private static string Names(string text, WordPieceVocabulary vocabulary, WordPieceRules rules) =>
        string.Join(' ', Pieces(text, vocabulary, rules).Select(piece => vocabulary[piece.Id]));

    private static List<WordPiece> Pieces(string text, WordPieceVocabulary vocabulary, WordPieceRules rules)
    {
        var pieces = new List<WordPiece>();
        new WordPieceTokenizer(vocabulary, rules).Tokenize(text, pieces);
        return pieces;
    }
}
