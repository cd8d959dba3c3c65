using System.Numerics.Tensors;
using MLNet.Papers.Samples.Characters;

namespace MLNet.Papers.Samples.PrototypicalNetworks;

/// <summary>What one gets without learning: a query belongs to the class of the support image whose pixels are nearest (Euclidean distance).</summary>
internal static class PixelBaseline
{
    /// <summary>The support image that is nearest to a query.</summary>
    public static CharacterImage Nearest(IReadOnlyList<CharacterImage> support, CharacterImage query) =>
        support.MinBy(image => TensorPrimitives.Distance<float>(image.Pixels, query.Pixels))!;

    /// <summary>
    /// The baseline over random episodes, drawn as those of a few-shot evaluation are: classes without repeats, in each of them images without repeats.
    /// </summary>
    /// <returns>The mean of the episodes' accuracies, and half the width of its 95 % interval.</returns>
    public static (double Mean, double Interval) Evaluate(
        IReadOnlyList<CharacterImage> images, int ways, int shots, int queries, int episodes, int seed, CancellationToken cancellation)
    {
        CharacterImage[][] classes =
        [
            .. images.GroupBy(image => image.Character).Select(group => group.ToArray()).Where(members => members.Length >= shots + queries),
        ];
        double[] accuracies = new double[episodes];
        Parallel.For(0, episodes, new ParallelOptions { CancellationToken = cancellation }, episode =>
        {
            Random random = RandomDraws.For(seed, ways, shots, episode);
            CharacterImage[][] drawn = [.. Draw(classes, ways, random).Select(members => Draw(members, shots + queries, random))];
            CharacterImage[] support = [.. drawn.SelectMany(members => members[..shots])];
            accuracies[episode] = drawn.SelectMany(members => members[shots..])
                .Average(query => Nearest(support, query).Character == query.Character ? 1.0 : 0);
        });
        double mean = accuracies.Average();
        double deviation = Math.Sqrt(accuracies.Sum(accuracy => (accuracy - mean) * (accuracy - mean)) / (episodes - 1));
        return (mean, 1.96 * deviation / Math.Sqrt(episodes));
    }

    private static T[] Draw<T>(T[] items, int count, Random random)
    {
        T[] shuffled = [.. items];
        random.Shuffle(shuffled);
        return shuffled[..count];
    }
}
