using MLNet.Papers.Samples.Elmo;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>The n-gram model that perplexities are compared with.</summary>
[TestClass]
public sealed class KneserNeyTests
{
    [TestMethod]
    public void Probabilities_add_up_to_one()
    {
        var random = new Random(1);
        int[][] sentences =
        [
            .. Enumerable.Range(0, 60).Select(_ => Enumerable.Range(0, 1 + random.Next(7)).Select(_ => 1 + (random.Next(12) * random.Next(2))).ToArray()),
        ];
        var model = new KneserNey(5, 15, sentences);
        foreach (int[] sentence in sentences.Take(10).Append([14, 13, 2, 1]))
        {
            for (int place = 0; place < sentence.Length; place++)
            {
                Gram gram = Gram.Before(sentence, place, 5);
                Assert.AreEqual(1, Enumerable.Range(0, 15).Sum(word => model.Probability(gram with { Last = word }, 5)), 1e-9);
            }
        }
    }

    [TestMethod]
    public void A_bigram_is_discounted_in_favour_of_words_with_many_others_before_them()
    {
        // "1 2", "1 2", "3 2", "1 4", all from the mark 0. Bigrams: 0 1 three times, 0 3 once, 1 2 twice, 3 2 once, 1 4 once: once 3, twice 1, so that the
        // discount is 3 / 5.
        // Different words before: 1 has one, 3 one, 2 two, 4 one; of these counts three are 1 and one is 2, the discount 3 / 5 again, the sum 5.
        // p(4 | 1) = (1 - 0.6) / 3 + 0.6 * 2 / 3 * p(4); p(4) = (1 - 0.6) / 5 + 0.6 * 4 / 5 / 6 for 6 words.
        var model = new KneserNey(2, 6, [[1, 2], [1, 2], [3, 2], [1, 4]]);
        double single = (0.4 / 5) + (0.6 * 4 / 5 / 6);
        Assert.AreEqual((0.4 / 3) + (0.6 * 2 / 3 * single), model.Probability(Gram.Before([1, 4], 1, 2), 2), 1e-12);
    }
}
