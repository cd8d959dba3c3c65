using System.Numerics.Tensors;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>How well the nearest words of words agree with them: the figures of Hill et al. that need no ratings by people.</summary>
/// <param name="words">The words that are compared, the same for all tables.</param>
internal sealed class Neighbours(IReadOnlyList<string> words)
{
    private const int Nearest = 5;

    /// <summary>The part of the five nearest words, in percent, that have the same mark as the word.</summary>
    /// <param name="vectors">A vector for each word.</param>
    /// <param name="marks">A mark for each word, such as its part of speech.</param>
    public double Agreement(float[][] vectors, IReadOnlyDictionary<string, string> marks)
    {
        int same = 0, all = 0;
        for (int i = 0; i < words.Count; i++)
        {
            foreach (int other in Order(vectors, i).Take(Nearest))
            {
                all++;
                same += marks[words[other]] == marks[words[i]] ? 1 : 0;
            }
        }

        return 100.0 * same / all;
    }

    /// <summary>The same for words taken at random.</summary>
    public double Chance(IReadOnlyDictionary<string, string> marks) =>
        100 * words.GroupBy(word => marks[word]).Sum(group => Math.Pow((double)group.Count() / words.Count, 2));

    /// <summary>The most that any vectors could reach: of many words fewer than five others have the mark.</summary>
    public double Most(IReadOnlyDictionary<string, string> marks) =>
        100 * words.GroupBy(word => marks[word]).Sum(group => group.Count() * Math.Min(Nearest, group.Count() - 1.0) / Nearest) / words.Count;

    /// <summary>The mean place, in percent of all words, at which the second word of a pair stands among those nearest to the first; 50 by chance.</summary>
    /// <param name="vectors">A vector for each word.</param>
    /// <param name="pairs">Pairs of words by number.</param>
    public double MeanRank(float[][] vectors, IReadOnlyList<(int First, int Second)> pairs) =>
        pairs.Average(pair => 100.0 * Order(vectors, pair.First).ToList().IndexOf(pair.Second) / (words.Count - 1));

    private static IEnumerable<int> Order(float[][] vectors, int word) => Enumerable.Range(0, vectors.Length)
        .Where(other => other != word)
        .OrderByDescending(other => TensorPrimitives.CosineSimilarity<float>(vectors[word], vectors[other]));
}
