using System.Text;
using MLNet.Papers.FastText;

namespace MLNet.Papers.Tests.FastText;

[TestClass]
public sealed class NearestNeighborTests
{
    [TestMethod]
    public void Neighbours_are_those_of_a_full_sort()
    {
        FastTextModel model = Many(words: 3000);
        foreach (string word in new[] { "w0", "w2999", "w77x", "unheard" })
        {
            float[] query = model.GetWordVector(word);
            (string Word, double Similarity)[] expected =
            [
                .. model.Words.Where(other => other != word).Select(other => (other, Cosine(query, model.GetWordVector(other))))
                    .OrderByDescending(pair => pair.Item2)
                    .Take(12),
            ];
            IReadOnlyList<WordSimilarity> actual = model.NearestNeighbors(word, 12);
            CollectionAssert.AreEqual(expected.Select(pair => pair.Word).ToArray(), actual.Select(pair => pair.Word).ToArray());
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i].Similarity, actual[i].Similarity, 1e-5);
        }
    }

    [TestMethod]
    public void More_neighbours_than_words_are_all_other_words()
    {
        FastTextModel model = RandomModels.Vectors();
        Assert.HasCount(model.Words.Count - 1, model.NearestNeighbors("oak", int.MaxValue));
        Assert.HasCount(model.Words.Count, model.NearestNeighbors("unheard", 1000));
        Assert.HasCount(model.Words.Count - 3, model.Analogies("oak", "sea", "mill", 1000));
    }

    [TestMethod]
    public void A_word_without_a_vector_has_equally_far_neighbours()
    {
        FastTextModel model = RandomModels.Vectors(maximum: 0);
        IReadOnlyList<WordSimilarity> neighbours = model.NearestNeighbors("unheard", 3);
        CollectionAssert.AreEqual(new[] { "</s>", "the", "harbour" }, neighbours.Select(word => word.Word).ToArray());
        Assert.IsTrue(neighbours.All(word => word.Similarity == 0));
    }

    [TestMethod]
    public void Arguments_are_checked()
    {
        FastTextModel model = RandomModels.Classifier(FastTextLoss.Softmax);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.NearestNeighbors("oak", 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Analogies("oak", "oak", "oak", 0));
        Assert.ThrowsExactly<ArgumentNullException>(() => model.NearestNeighbors(null!));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Predict("oak", 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Predict("oak", 1, float.NaN));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Predict("oak", 1, 1.5f));
    }

    [TestMethod]
    public void The_best_scores_are_those_of_a_sort()
    {
        var random = new Random(9);
        foreach (int k in new[] { 1, 2, 7, 64, 65, 500 })
        {
            float[] scores = [.. Enumerable.Range(0, 300).Select(_ => random.Next(40) / 8f)];
            var best = new BestScores(k);
            for (int id = 0; id < scores.Length; id++)
                best.Offer(scores[id], id);
            (float, int)[] expected = [.. scores.Select((score, id) => (score, id)).OrderByDescending(pair => pair.score).ThenBy(pair => pair.id).Take(k)];
            CollectionAssert.AreEqual(expected, best.Descending().ToArray());
        }
    }

    [TestMethod]
    public void Threads_may_share_a_model()
    {
        FastTextModel alone = Many(words: 500), shared = Many(words: 500);
        string[] texts = [.. Enumerable.Range(0, 64).Select(i => $"w{i} w{i * 7} unheard{i} w{i + 1}")];
        (float[] Vector, WordSimilarity[] Neighbours)[] expected = [.. texts.Select(text => Answers(alone, text))];
        var actual = new (float[] Vector, WordSimilarity[] Neighbours)[texts.Length];
        Parallel.For(0, texts.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => actual[i] = Answers(shared, texts[i]));
        for (int i = 0; i < texts.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i].Vector, actual[i].Vector);
            CollectionAssert.AreEqual(expected[i].Neighbours, actual[i].Neighbours);
        }

        static (float[] Vector, WordSimilarity[] Neighbours) Answers(FastTextModel model, string text) =>
            (model.GetSentenceVector(text), [.. model.NearestNeighbors(text.Split(' ')[2], 5)]);
    }

    private static FastTextModel Many(int words)
    {
        FastTextArguments arguments = RandomModels.Vectors(dimension: 16).Arguments;
        DictionaryEntry[] entries = [.. Enumerable.Range(0, words).Select(id => new DictionaryEntry(Encoding.UTF8.GetBytes($"w{id}"), 1, false))];
        return new FastTextModel(
            arguments, new FastTextDictionary(entries, words, arguments), RandomModels.Dense(new Random(4), words + arguments.Buckets, 16), null);
    }

    private static double Cosine(float[] left, float[] right)
    {
        double dot = left.Zip(right, (a, b) => (double)a * b).Sum();
        return dot / Math.Sqrt(left.Sum(a => (double)a * a) * right.Sum(b => (double)b * b));
    }
}
