using MLNet.Papers.Bert;

namespace MLNet.Papers.Tests.Bert;

/// <summary>Which pieces are hidden, and by what.</summary>
[TestClass]
public sealed class WordMaskingTests
{
    // 0 to 4 are the marks [PAD], [UNK], [CLS], [SEP], [MASK]; from 505 on pieces go on with a word.
    private const int Pieces = 1_005, Classification = 2, Separator = 3, Mask = 4, FirstContinuation = 505;

    private static readonly bool[] Continues = [.. Enumerable.Range(0, Pieces).Select(piece => piece >= FirstContinuation)];

    [TestMethod]
    public void Parts_are_those_of_the_paper()
    {
        var random = new Random(1);
        var masking = new WordMasking(Pieces, Mask, 0.15);
        int all = 0, chosen = 0, masked = 0, kept = 0, other = 0;
        while (all < 100_000)
        {
            int[] sequence = Sequence(98, random), before = [.. sequence];
            List<(int Place, int Piece)> targets = Hide(masking, sequence, random);
            all += sequence.Length;
            chosen += targets.Count;
            foreach ((int place, int piece) in targets)
            {
                Assert.AreEqual(before[place], piece);
                if (sequence[place] == Mask)
                    masked++;
                else if (sequence[place] == piece)
                    kept++;
                else
                    other++;
            }

            HashSet<int> places = [.. targets.Select(target => target.Place)];
            Assert.HasCount(targets.Count, places, "No place is chosen twice.");
            for (int place = 0; place < sequence.Length; place++)
                Assert.IsTrue(sequence[place] == before[place] || places.Contains(place), "What is not to be predicted stays.");
        }

        Assert.AreEqual(15, 100.0 * chosen / all, 0.3);
        Assert.AreEqual(80, 100.0 * masked / chosen, 0.8);
        Assert.AreEqual(10, 100.0 * kept / chosen, 0.8);
        Assert.AreEqual(10, 100.0 * other / chosen, 0.8);
    }

    // 0.15 · 12 = 1.8; 0.15 · 10 = 1.5, the half to the even number, as the published program rounds; and 0.15 · 3 = 0.45, but at least one.
    [TestMethod]
    [DataRow(10, 2)]
    [DataRow(8, 2)]
    [DataRow(1, 1)]
    [DataRow(98, 15)]
    public void So_many_pieces_are_hidden_as_the_rounded_part_of_all_and_at_least_one(int pieces, int expected)
    {
        var random = new Random(2);
        Assert.HasCount(expected, Hide(new(Pieces, Mask, 0.15), Sequence(pieces, random), random));
        Assert.HasCount(Math.Min(expected, 3), Hide(new(Pieces, Mask, 0.15, most: 3), Sequence(pieces, random), random));
    }

    [TestMethod]
    public void Marks_are_never_hidden_and_every_other_place_may_be()
    {
        var random = new Random(3);
        foreach (bool[]? continues in new[] { null, Continues })
        {
            var masking = new WordMasking(Pieces, Mask, 0.5, continues: continues);
            var found = new HashSet<int>();
            for (int draw = 0; draw < 500; draw++)
            {
                int[] sequence = [Classification, 7, Separator, 10, FirstContinuation, Separator];
                foreach ((int place, _) in Hide(masking, sequence, random))
                    found.Add(place);
                Assert.AreEqual((Classification, Separator, Separator), (sequence[0], sequence[2], sequence[5]));
            }

            CollectionAssert.AreEquivalent(new[] { 1, 3, 4 }, found.ToArray());
        }
    }

    [TestMethod]
    public void All_pieces_of_a_word_are_hidden_or_none()
    {
        var random = new Random(4);
        var masking = new WordMasking(Pieces, Mask, 0.4, continues: Continues);
        for (int draw = 0; draw < 200; draw++)
        {
            // Words of 1, 2 and 3 pieces: at most round(0.4 · 8) = 3 of them.
            int[] sequence = [Classification, 7, 10, FirstContinuation, 20, FirstContinuation, FirstContinuation + 1, Separator];
            int[] places = [.. Hide(masking, sequence, random).Select(target => target.Place).Order()];
            string found = string.Join(' ', places);
            Assert.IsTrue(found is "1 2 3" or "4 5 6", $"Hidden were {found}.");
        }
    }

    [TestMethod]
    public void A_word_that_is_longer_than_what_may_be_hidden_is_passed_over_but_a_text_of_such_words_has_one_hidden()
    {
        var random = new Random(5);
        var masking = new WordMasking(Pieces, Mask, 0.15, continues: Continues);
        int[] Places(params int[] sequence) => [.. Hide(masking, sequence, random).Select(target => target.Place).Order()];
        for (int draw = 0; draw < 50; draw++)
        {
            CollectionAssert.AreEqual(new[] { 3 }, Places(Classification, 10, FirstContinuation, 11, Separator));
            CollectionAssert.AreEqual(
                new[] { 1, 2 }, Places(Classification, 10, FirstContinuation, 11, FirstContinuation, FirstContinuation + 1, Separator));
        }
    }

    [TestMethod]
    public void The_rest_of_a_word_at_the_front_of_a_segment_is_a_word()
    {
        var random = new Random(6);
        var masking = new WordMasking(Pieces, Mask, 0.15, continues: Continues);
        HashSet<string> found = [];
        for (int draw = 0; draw < 50; draw++)
        {
            int[] sequence = [Classification, FirstContinuation, Separator, FirstContinuation, Separator];
            found.Add(string.Join(' ', Hide(masking, sequence, random).Select(target => target.Place)));
        }

        CollectionAssert.AreEquivalent(new[] { "1", "3" }, found.ToArray());
    }

    private static int[] Sequence(int pieces, Random random) =>
        [Classification, .. Enumerable.Range(0, pieces).Select(_ => random.Next(Mask + 1, FirstContinuation)), Separator];

    private static List<(int Place, int Piece)> Hide(WordMasking masking, int[] sequence, Random random)
    {
        var targets = new List<(int Place, int Piece)>();
        masking.Hide(sequence, Array.ConvertAll(sequence, piece => piece is Classification or Separator), random, targets);
        return targets;
    }
}
