using MLNet.Papers.Interop;
using MLNet.Papers.Training;
using static System.FormattableString;
using static TorchSharp.torch;

namespace MLNet.Papers.Cactus;

/// <summary>Parts rows into pretended classes: Algorithm 1 of Hsu, Levine and Finn (2019), lines 2 to 4.</summary>
/// <param name="options">How.</param>
/// <param name="embeddings">Z, row by row.</param>
/// <param name="size">d.</param>
/// <param name="seed">Seed of everything drawn.</param>
/// <param name="device">Where to cluster.</param>
/// <param name="check">Called between steps of clustering; throws to stop.</param>
internal sealed class PartitionBuilder(CactusOptions options, float[] embeddings, int size, int seed, Device device, Action check)
{
    private const int Tries = 10;

    // The stream of draws of a partition, apart from those of training steps, which count from 0 up and of validation episodes, which count from -1 down.
    private const long FirstStream = long.MinValue;

    private const int FewestClusters = 2;

    private readonly int _count = embeddings.Length / size;

    // Nothing depends on where the origin is: all that is done is done around the mean.
    private readonly (double[] Mean, float[] Rows) _centred = Centring.Around(embeddings, size, check);

    /// <summary>k, the clusters of a partition: those of the options, or fewer where these did not have enough rows.</summary>
    public int ClusterCount { get; private set; } = options.Clusters;

    /// <summary>The centroids of the clusters of the first partition, whose embeddings are not scaled; empty if there are no clusters.</summary>
    public float[] Centroids { get; private set; } = [];

    /// <summary>Why <see cref="TryBuild"/> gave no partitions, in a sentence.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>
    /// All partitions: for each class of each its rows. Every class has enough rows for a task, and every partition two classes at least. Where the clusters
    /// of one do not have enough rows, all begin anew with half as many clusters.
    /// </summary>
    /// <exception cref="InvalidOperationException">The rows do not give enough classes with enough rows.</exception>
    public IReadOnlyList<int[][]> Build() => TryBuild() ?? throw new InvalidOperationException(Fault);

    /// <summary>The same; null where not even two clusters have rows enough, with which fewer rows of a class may help.</summary>
    /// <exception cref="InvalidOperationException">Hyperplanes do not give enough classes with enough rows.</exception>
    public IReadOnlyList<int[][]>? TryBuild()
    {
        List<int[][]> partitions = [];
        while (partitions.Count < options.Partitions)
        {
            if (Partition(partitions.Count) is { } classes)
            {
                partitions.Add(classes);
                continue;
            }

            if (ClusterCount <= FewestClusters)
                return null;
            partitions.Clear();
            ClusterCount = Math.Max(ClusterCount / 2, FewestClusters);
        }

        return partitions;
    }

    /// <summary>Embeddings with each dimension scaled: Z·diag(w), w_j uniform from 0 to 1.</summary>
    public static float[] Scale(float[] embeddings, int size, Random random, Action? check = null)
    {
        var polling = new Polling(check);
        float[] weights = [.. Enumerable.Range(0, size).Select(_ => (float)random.NextDouble())];
        float[] scaled = new float[embeddings.Length];
        for (int i = 0; i < scaled.Length; i++)
        {
            polling.Turn();
            scaled[i] = embeddings[i] * weights[i % size];
        }

        return scaled;
    }

    // Null where its clusters do not have rows enough.
    private int[][]? Partition(int index)
    {
        check();
        Random random = StepRandom.Create(seed, FirstStream + index);
        return options.Partitioning switch
        {
            CactusPartitioning.Clusters => Clusters(index, random),
            CactusPartitioning.Hyperplanes => Hyperplanes(random),
            _ => Groups(random),
        };
    }

    // Clusters with too few members for a task are left out; a run that has too many of those is repeated.
    private int[][]? Clusters(int index, Random random)
    {
        float[] points = index == 0 ? _centred.Rows : Scale(_centred.Rows, size, random, check);
        int restarts = options.ClusteringRestarts ?? (options.Partitions == 1 ? 10 : 1);
        var kMeans = new KMeans(ClusterCount, options.MaxClusteringIterations);
        int[] sizes = [];
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            Clustering clustering = Enumerable.Range(0, restarts).Select(_ => kMeans.Run(points, size, random, device, check)).MinBy(run => run.Inertia)!;
            int[][] classes = Members(clustering.Assignments, ClusterCount);
            sizes = [.. classes.Select(members => members.Length)];
            int usable = sizes.Count(length => length >= options.RowsPerClass);
            if (usable < FewestClusters || usable <= options.MinimumUsableClusters * ClusterCount)
                continue;
            if (index == 0)
                Centroids = Centring.Add(clustering.Centroids, _centred.Mean);
            return [.. classes.Where(members => members.Length >= options.RowsPerClass)];
        }

        Fault =
            Invariant($"Of {ClusterCount} clusters more than MinimumUsableClusters = {options.MinimumUsableClusters} must have Shots + QueriesPerClass = ") +
            Invariant($"{options.RowsPerClass} rows, but {sizes.Count(length => length >= options.RowsPerClass)} have after {Tries} tries. ") +
            Invariant($"{Histogram(sizes)} Lower Clusters or QueriesPerClass, or add rows.");
        return null;
    }

    // As many splits as tell Ways classes apart; a class is a pattern of sides. Drawn again until there are enough classes.
    private int[][] Hyperplanes(Random random)
    {
        const int MostDraws = 1_000;
        int splits = (int)Math.Ceiling(Math.Log2(options.Ways)), most = 0;
        for (int draw = 0; draw < MostDraws; draw++)
        {
            check();
            var patterns = new int[_count];
            for (int split = 0; split < splits; split++)
            {
                sbyte[] sides = Split(random);
                for (int row = 0; row < _count; row++)
                    patterns[row] = sides[row] == 0 || patterns[row] < 0 ? -1 : patterns[row] | (sides[row] > 0 ? 1 << split : 0);
            }

            int[][] classes = [.. Members(patterns, 1 << splits).Where(members => members.Length >= options.RowsPerClass)];
            if (classes.Length >= options.Ways)
                return classes;
            most = Math.Max(most, classes.Length);
        }

        throw new InvalidOperationException(
            Invariant($"{splits} hyperplanes part the rows into at most {most} classes with Shots + QueriesPerClass = {options.RowsPerClass} rows in ") +
            Invariant($"{MostDraws} draws, fewer than Ways = {options.Ways}. Lower Margin or Ways, or add rows."));
    }

    // For each row the side of a random hyperplane it lies on; 0 within the margin. Both sides have rows enough for ten classes.
    private sbyte[] Split(Random random)
    {
        const int MostDraws = 1_000;
        long needed = 10 * options.RowsPerClass;
        var polling = new Polling(check);
        for (int draw = 0; draw < MostDraws; draw++)
        {
            check();
            double[] normal = [.. Enumerable.Range(0, size).Select(_ => (2 * random.NextDouble()) - 1)];
            double length = Math.Sqrt(normal.Sum(value => value * value));
            double offset = normal.Sum(value => value * 0.8 * ((2 * random.NextDouble()) - 1)) / length;
            var sides = new sbyte[_count];
            int above = 0, below = 0;
            for (int row = 0; row < _count; row++)
            {
                polling.Turn();
                double distance = -offset;
                for (int i = 0; i < size; i++)
                    distance += normal[i] / length * _centred.Rows[(row * size) + i];
                sides[row] = (sbyte)(distance > options.Margin ? 1 : distance < -options.Margin ? -1 : 0);
                above += sides[row] > 0 ? 1 : 0;
                below += sides[row] < 0 ? 1 : 0;
            }

            if (above >= needed && below >= needed)
                return sides;
        }

        throw new InvalidOperationException(
            Invariant($"No hyperplane of {MostDraws} has 10·(Shots + QueriesPerClass) = {needed} rows farther than Margin = {options.Margin} on both sides. ") +
            "Lower Margin or QueriesPerClass, or add rows.");
    }

    private int[][] Groups(Random random)
    {
        int[] rows = [.. Enumerable.Range(0, _count)];
        random.Shuffle(rows);
        return
        [
            .. Enumerable.Range(0, ClusterCount)
                .Select(group => rows[(int)((long)_count * group / ClusterCount)..(int)((long)_count * (group + 1) / ClusterCount)])
                .Where(members => members.Length >= options.RowsPerClass),
        ];
    }

    private static int[][] Members(int[] classes, int count)
    {
        List<int>[] members = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];
        for (int row = 0; row < classes.Length; row++)
        {
            if (classes[row] >= 0)
                members[classes[row]].Add(row);
        }

        return [.. members.Select(list => list.ToArray())];
    }

    private static string Histogram(int[] sizes) =>
        "Clusters by size: " + string.Join(
            ", ", sizes.GroupBy(length => length).OrderBy(group => group.Key).Take(12).Select(group => Invariant($"{group.Count()} of {group.Key}"))) + ".";
}
