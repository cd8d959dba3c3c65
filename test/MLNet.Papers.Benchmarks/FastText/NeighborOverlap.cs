using System.Numerics.Tensors;
using MathNet.Numerics.Statistics;
using static System.FormattableString;

namespace MLNet.Papers.Benchmarks.FastText;

/// <summary>How alike two models of one corpus are.</summary>
/// <param name="Share">Of the ten nearest neighbours of 200 frequent words, the part that is the same in both.</param>
/// <param name="First">Rank correlation of the first model's similarities with those of <see cref="WordPairs"/>.</param>
/// <param name="Second">The same for the second model.</param>
internal sealed record NeighborOverlap(double Share, double First, double Second)
{
    private const int Words = 200;
    private const int Neighbors = 10;

    public static NeighborOverlap Of(FastTextModel first, FastTextModel second)
    {
        string[] frequent = [.. first.Words.Where(word => word.Length > 2 && word.All(char.IsLetter)).Take(Words)];
        double share = frequent.Average(word => (double)Nearest(first, word).Intersect(Nearest(second, word)).Count() / Neighbors);
        return new NeighborOverlap(share, RankCorrelation(first), RankCorrelation(second));
    }

    public override string ToString() => Invariant(
        $"{Share:P0} of the ten nearest neighbours of {Words} words; rank correlation with {WordPairs.All.Count} rated pairs {First:F3} against {Second:F3}");

    private static IEnumerable<string> Nearest(FastTextModel model, string word) => model.NearestNeighbors(word, Neighbors).Select(neighbor => neighbor.Word);

    private static double RankCorrelation(FastTextModel model) => Correlation.Spearman(
        WordPairs.All.Select(pair => (double)TensorPrimitives.CosineSimilarity<float>(model.GetWordVector(pair.First), model.GetWordVector(pair.Second))),
        WordPairs.All.Select(pair => pair.Rating));
}
