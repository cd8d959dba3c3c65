using MLNet.Papers.Cactus;
using MLNet.Papers.Episodes;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.PrototypicalNetworks;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Cactus;

/// <summary>Hsu, Levine and Finn, "Unsupervised Learning via Meta-Learning", ICLR 2019: partitions and tasks.</summary>
[TestClass]
public sealed class CactusFidelityTests
{
    [TestMethod]
    public void K_means_finds_the_clusters_of_a_line()
    {
        // The example of the algorithm: 0, 0.1 | 10, 10.1; centroids 0.05 and 10.05; inertia 4 · 0.05².
        Clustering clustering = new KMeans(2, 100).Run([0, 0.1f, 10, 10.1f], 1, new Random(1), CPU, () => { });
        Assert.AreEqual(clustering.Assignments[0], clustering.Assignments[1]);
        Assert.AreEqual(clustering.Assignments[2], clustering.Assignments[3]);
        Assert.AreNotEqual(clustering.Assignments[0], clustering.Assignments[2]);
        float[] centroids = [.. clustering.Centroids.Order()];
        Assert.AreEqual(0.05, centroids[0], 1e-6);
        Assert.AreEqual(10.05, centroids[1], 1e-6);
        Assert.AreEqual(4 * 0.0025, clustering.Inertia, 1e-4);
    }

    [TestMethod]
    public void Clusters_with_too_few_rows_for_a_task_are_deleted()
    {
        float[] line = [0, 0.1f, 10, 10.1f];
        IReadOnlyList<int[][]> two = Builder(line, 1, new() { Clusters = 2, Ways = 2, Shots = 1, QueriesPerClass = 1 }).Build();
        string[] classes = [.. two[0].Select(members => string.Join(",", members)).Order()];
        CollectionAssert.AreEqual(new[] { "0,1", "2,3" }, classes);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(
            () => Builder(line, 1, new() { Clusters = 2, Ways = 2, Shots = 1, QueriesPerClass = 2 }).Build());
        Assert.AreEqual(
            "Of 2 clusters more than MinimumUsableClusters = 0.75 must have Shots + QueriesPerClass = 3 rows, but 0 have after 10 tries. Clusters by size: " +
            "2 of 2. Lower Clusters or QueriesPerClass, or add rows.",
            exception.Message);
    }

    [TestMethod]
    public void The_first_partition_is_plain_and_the_others_are_of_scaled_dimensions()
    {
        // Two rows of blobs: (±5, ±0.3 noise). Unscaled, k = 2 parts by the first dimension. A scale of nearly 0 for the first dimension parts by the second.
        var random = new Random(3);
        float[] points = [.. Enumerable.Range(0, 40).SelectMany(row => new[] { row < 20 ? -5f : 5f, (float)((2 * random.NextDouble()) - 1) })];
        var options = new CactusOptions { Clusters = 2, Ways = 2, Shots = 1, QueriesPerClass = 1, Partitions = 60 };
        IReadOnlyList<int[][]> partitions = Builder(points, 2, options).Build();
        Assert.HasCount(60, partitions);
        Assert.IsTrue(IsExact(partitions[0]));
        Assert.IsTrue(partitions.Any(partition => !IsExact(partition)), "With dimensions scaled at random some partitions must differ from the plain one.");
        Assert.IsGreaterThan(30, partitions.Count(IsExact));

        static bool IsExact(int[][] partition) =>
            partition.Length == 2 && partition.All(members => members.Length == 20 && members.Select(row => row / 20).Distinct().Count() == 1);
    }

    [TestMethod]
    public void Scaling_multiplies_each_dimension_by_one_number_from_0_to_1()
    {
        float[] scaled = PartitionBuilder.Scale([1, 2, 3, 10, 20, 30], 3, new Random(1));
        var random = new Random(1);
        for (int j = 0; j < 3; j++)
        {
            float weight = (float)random.NextDouble();
            Assert.IsTrue(weight is >= 0 and < 1);
            Assert.AreEqual((j + 1) * weight, scaled[j], 1e-6);
            Assert.AreEqual(10 * (j + 1) * weight, scaled[3 + j], 1e-5);
        }
    }

    [TestMethod]
    public void Tasks_draw_partitions_and_clusters_uniformly_and_labels_anew()
    {
        // Two partitions of 12 rows, one with 3 classes of 4, 4 and 4, one with 2 of 2 and 10; 2 ways.
        int[][] first = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]], second = [[0, 1], [.. Enumerable.Range(2, 10)], [2, 3]];
        var options = new CactusOptions { Ways = 2, Shots = 1, QueriesPerClass = 1 };
        using var source = new EpisodeSource(options, new EpisodeRows(new float[12], 1, [first, second]), CPU, augments: true);
        var random = new Random(8);
        int[] places = new int[3];
        int small = 0, inOrder = 0, tasks = 4_000;
        using var scope = NewDisposeScope();
        for (int i = 0; i < tasks; i++)
        {
            Episode episode = source.Draw(random).Episode;
            foreach (int index in episode.Classes)
                places[index]++;
            inOrder += episode.Classes[0] < episode.Classes[1] ? 1 : 0;
            small += episode.Support.Any(row => row is 0 or 1) && episode.Queries.Any(row => row is 0 or 1)
                && episode.Support.Concat(episode.Queries).All(row => row is not (>= 2 and < 4)) ? 1 : 0;
        }

        // Each class 2/3 of the tasks whatever its size (standard deviation 30); each order of two classes half of the tasks (32).
        foreach (int count in places)
            Assert.AreEqual(tasks * 2 / 3.0, count, 4 * 30);
        Assert.AreEqual(tasks / 2.0, inOrder, 4 * 32);
        Assert.IsGreaterThan(0, small);
    }

    [TestMethod]
    public void Rows_within_the_margin_of_a_hyperplane_take_no_part()
    {
        // On a line every hyperplane is a point; with a margin of 0.2 no class comes closer to the other than 0.4.
        var random = new Random(5);
        float[] line = [.. Enumerable.Range(0, 400).Select(_ => (2 * random.NextSingle()) - 1)];
        var options =
            new CactusOptions { Partitioning = CactusPartitioning.Hyperplanes, Ways = 2, Shots = 1, QueriesPerClass = 1, Margin = 0.2, Partitions = 5 };
        foreach (int[][] partition in Builder(line, 1, options).Build())
        {
            Assert.HasCount(2, partition);
            float[][] values = [.. partition.Select(members => members.Select(row => line[row]).ToArray()).OrderBy(part => part[0])];
            Assert.IsGreaterThan(0.4f, values[1].Min() - values[0].Max());
        }

        options.Margin = 2;
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Builder(line, 1, options).Build());
        StringAssert.StartsWith(
            exception.Message, "No hyperplane of 1000 has 10·(Shots + QueriesPerClass) = 20 rows farther than Margin = 2 on both sides.",
            StringComparison.Ordinal);
    }

    [TestMethod]
    public void Random_groups_are_of_one_size_and_have_every_row_once()
    {
        var options = new CactusOptions { Partitioning = CactusPartitioning.Random, Clusters = 4, Ways = 2, Shots = 1, QueriesPerClass = 1 };
        int[][] groups = Builder(new float[22], 1, options).Build()[0];
        CollectionAssert.AreEquivalent(new[] { 5, 5, 6, 6 }, groups.Select(group => group.Length).ToArray());
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 22).ToArray(), groups.SelectMany(group => group).ToArray());
    }

    [TestMethod]
    public void Principal_components_are_orthonormal_and_in_the_order_of_their_variance()
    {
        // 300 rows with standard deviations 4, 2 and 0.5 along axes turned by 30 degrees in the first plane.
        var random = new Random(2);
        (double sin, double cos) = Math.SinCos(Math.PI / 6);
        float[] rows = [.. Enumerable.Range(0, 300).SelectMany(_ =>
        {
            double a = 4 * random.Normal(), b = 2 * random.Normal(), c = 0.5 * random.Normal();
            return new[] { (float)((cos * a) - (sin * b)) + 7, (float)((sin * a) + (cos * b)), (float)c };
        })];
        EmbeddingSpace space = PrincipalComponents.Fit(rows, 3, 2, seed: 1);
        float[] weight = space.Weights["layers.0.weight"];
        Assert.AreEqual(1, Dot(weight[..3], weight[..3]), 1e-3);
        Assert.AreEqual(1, Dot(weight[3..], weight[3..]), 1e-3);
        Assert.AreEqual(0, Dot(weight[..3], weight[3..]), 1e-3);
        Assert.AreEqual(1, Math.Abs(Dot(weight[..3], [(float)cos, (float)sin, 0])), 0.02);
        float[] embeddings = space.Embed(rows, TorchDevice.Cpu);
        Assert.AreEqual(0, Enumerable.Range(0, 300).Average(row => embeddings[2 * row]), 0.05);
        Assert.AreEqual(16, Enumerable.Range(0, 300).Average(row => embeddings[2 * row] * embeddings[2 * row]), 3);

        static double Dot(float[] one, float[] other) => one.Zip(other, (a, b) => (double)a * b).Sum();
    }

    private static PartitionBuilder Builder(float[] points, int size, CactusOptions options)
    {
        if (options.Partitions == 50)
            options.Partitions = 1;
        return new PartitionBuilder(options, points, size, 1, CPU, () => { });
    }
}
