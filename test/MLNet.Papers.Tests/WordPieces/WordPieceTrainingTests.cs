using MLNet.Papers.WordPieces;

namespace MLNet.Papers.Tests.WordPieces;

/// <summary>Learning of vocabularies by hand, and against a slow second way.</summary>
[TestClass]
public sealed class WordPieceTrainingTests
{
    // hug ×10, pug ×5, pun ×12, bun ×4, hugs ×5. Characters: b g h n p s u, each as a beginning and as a continuation.
    private static readonly Dictionary<string, long> Words = new() { ["hug"] = 10, ["pug"] = 5, ["pun"] = 12, ["bun"] = 4, ["hugs"] = 5 };

    // Frequency: ##u ##g 20, then ##u ##n 16, h ##ug 15.
    [TestMethod]
    public void The_most_frequent_pair_is_joined_first() => Assert.AreEqual("##ug ##un hug", Joined(WordPieceMerge.Frequency, 3));

    // Likelihood: ##g ##s 5 / (20 · 5) = 1/20 is best of all. Then p, h and b with ##u are equal, 17 / (17 · 36) = 15 / (15 · 36) = 4 / (4 · 36), and p is the
    // most frequent; of h and b, 1/19 each, h is; then b ##u is 4 / (4 · 4) = 1/4; then hu ##gs 5 / (15 · 5) = 1/15 is more than bu ##n 4 / (4 · 16) = 1/16.
    [TestMethod]
    public void The_pair_that_is_least_by_chance_is_joined_first() => Assert.AreEqual("##gs pu hu bu hugs", Joined(WordPieceMerge.Likelihood, 5));

    [TestMethod]
    public void Pieces_are_marks_characters_and_what_was_joined()
    {
        WordPieceVocabulary vocabulary = WordPieceTraining.Learn(Words, 100, WordPieceMerge.Frequency, 1, 1000, () => { });
        Assert.StartsWith(
            "[PAD] [UNK] [CLS] [SEP] [MASK] b g h n p s u ##b ##g ##h ##n ##p ##s ##u ##ug ##un hug pun", string.Join(' ', vocabulary.Pieces));
        var pieces = new List<WordPiece>();
        new WordPieceTokenizer(vocabulary, new()).Tokenize("hug hugs pug pun bun", pieces);
        Assert.HasCount(5, pieces, "Where pieces are left over every word is one.");
    }

    [TestMethod]
    public void Rare_characters_are_left_out_where_there_is_no_room()
    {
        WordPieceVocabulary vocabulary = WordPieceTraining.Learn(Words, 9, WordPieceMerge.Frequency, 1, 1000, () => { });
        Assert.AreEqual("[PAD] [UNK] [CLS] [SEP] [MASK] g u ##g ##u", string.Join(' ', vocabulary.Pieces));
    }

    [TestMethod]
    public void Pairs_that_are_too_rare_are_not_joined() => Assert.AreEqual("##ug ##un hug pun", Joined(WordPieceMerge.Frequency, 100, leastCount: 12));

    [TestMethod]
    [DataRow(WordPieceMerge.Frequency)]
    [DataRow(WordPieceMerge.Likelihood)]
    public void Counts_that_are_kept_up_to_date_are_those_that_are_counted_anew(WordPieceMerge merge)
    {
        var random = new Random(3);
        for (int trial = 0; trial < 20; trial++)
        {
            var words = new Dictionary<string, long>();
            for (int i = 0; i < 40; i++)
                words[string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => "aabc𝐀"[..4][random.Next(4)]))] = random.Next(1, 6);
            Assert.AreEqual(string.Join(' ', Slowly(words, 40, merge)),
                string.Join(' ', WordPieceTraining.Learn(words, 40, merge, 1, 1000, () => { }).Pieces.Skip(5)));
        }
    }

    [TestMethod]
    public void Rare_words_are_forgotten_when_there_are_too_many()
    {
        var counts = new WordCounts(new(), mostWords: 3);
        counts.Add("a a a b b c");
        Assert.HasCount(3, counts.Counts);
        counts.Add("d");
        CollectionAssert.AreEquivalent(new[] { "a", "b" }, counts.Counts.Keys.ToArray());
        Assert.AreEqual(7, counts.Total);
    }

    private static string Joined(WordPieceMerge merge, int count, int leastCount = 1) =>
        string.Join(' ', WordPieceTraining.Learn(Words, 19 + count, merge, leastCount, 1000, () => { }).Pieces.Skip(19));

    // All is counted again before each join.
    private static List<string> Slowly(Dictionary<string, long> counts, int size, WordPieceMerge merge)
    {
        (List<string> Pieces, long Count)[] words = [.. counts.Select(word =>
            (word.Key.Select((character, i) => (i == 0 ? "" : "##") + character).ToList(), word.Value))];
        string[] characters = [.. counts.Keys.SelectMany(word => word).Distinct().Order().Select(character => character.ToString())];
        List<string> pieces = [.. characters, .. characters.Select(character => "##" + character)];
        while (pieces.Count < size - 5)
        {
            var single = words.SelectMany(word => word.Pieces.Select(piece => (piece, word.Count))).GroupBy(item => item.piece)
                .ToDictionary(group => group.Key, group => group.Sum(item => item.Count));
            var pairs = words.SelectMany(word => word.Pieces.Zip(word.Pieces.Skip(1)).Select(pair => (pair, word.Count))).GroupBy(item => item.pair)
                .Select(group => (Pair: group.Key, Count: group.Sum(item => item.Count))).ToList();
            if (pairs.Count == 0)
                break;
            ((string left, string right), _) = pairs
                .OrderByDescending(
                    pair => merge == WordPieceMerge.Frequency ? pair.Count : pair.Count / ((double)single[pair.Pair.First] * single[pair.Pair.Second]))
                .ThenByDescending(pair => pair.Count).ThenBy(pair => pair.Pair.First, StringComparer.Ordinal)
                .ThenBy(pair => pair.Pair.Second, StringComparer.Ordinal).First();
            string joined = left + right[2..];
            if (!pieces.Contains(joined))
                pieces.Add(joined);
            foreach ((List<string> word, _) in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if (word[i] == left && word[i + 1] == right)
                    {
                        word[i] = joined;
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }

        return pieces;
    }
}
