using MLNet.Papers.Samples.CoVe;

namespace MLNet.Papers.Tests.CoVe;

/// <summary>BLEU by hand.</summary>
[TestClass]
public sealed class BleuTests
{
    [TestMethod]
    public void Precisions_by_hand()
    {
        // Of 6 words 5 are right, of 5 pairs 3 (the cat, cat sat | on the), of 4 triples 1 (the cat sat), of 3 quadruples none: without smoothing 0.
        Assert.AreEqual(0, Score("the cat sat quite on the", "the cat sat on the mat"));

        // One word more: 6 of 7 words, 4 of 6 pairs, 2 of 5 triples, 1 of 4 quadruples; 7 words for 7.
        double expected = 100 * Math.Pow(6.0 / 7 * 4 / 6 * 2 / 5 * 1 / 4, 0.25);
        Assert.AreEqual(expected, Score("the cat sat on a red mat", "the cat sat on the red mat"), 1e-9);
    }

    [TestMethod]
    public void The_same_word_counts_as_often_as_a_person_wrote_it()
    {
        // "the the the the the" against two of them: 2 of 5 words, 1 of 4 pairs, no triple.
        Assert.AreEqual(0, Score("the the the the the", "the the cat sat on"));
        // Two sentences are added up before anything is divided: 4 + 3 of 4 + 5 words, 3 + 2 of 3 + 4, 2 + 1 of 2 + 3, 1 + 0 of 1 + 2.
        double expected = 100 * Math.Pow(7.0 / 9 * 5 / 7 * 3 / 5 * 1 / 3, 0.25);
        Assert.AreEqual(expected, Score(["a b c d", "a b c x y"], ["a b c d", "a b c d e"]), 1e-9);
    }

    [TestMethod]
    public void What_is_too_short_is_punished()
    {
        // All that is said is right, but 4 words stand for 6: exp(1 - 6/4).
        Assert.AreEqual(100 * Math.Exp(-0.5), Score("a b c d", "a b c d e f"), 1e-9);
        Assert.AreEqual(100, Score("a b c d", "a b c d"), 1e-9);
    }

    private static double Score(string translation, string reference) => Score([translation], [reference]);

    private static double Score(string[] translations, string[] references) =>
        Bleu.Of(Array.ConvertAll(translations, text => text.Split(' ')), Array.ConvertAll(references, text => text.Split(' ')));
}
