using Microsoft.ML;
using MLNet.Papers.Cactus;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Tests.Scoring;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Cactus;

/// <summary>Where the origin is does not matter: rows that are all moved by a constant give the same components, clusters and answers.</summary>
[TestClass]
public sealed class OriginTests
{
    // Rows on a grid of 1/64, which Single keeps exactly up to 2^17.
    private static readonly float[] Rows = GridRows(40, 6);

    [TestMethod]
    [DataRow(100f)]
    [DataRow(10_000f)]
    [DataRow(100_000f)]
    public void Principal_components_do_not_depend_on_the_origin(float shift)
    {
        float[] moved = Array.ConvertAll(Rows, value => value + shift);
        EmbeddingSpace plain = PrincipalComponents.Fit(Rows, 6, 3, seed: 1), shifted = PrincipalComponents.Fit(moved, 6, 3, seed: 1);
        AssertClose(plain.Embed(Rows, TorchDevice.Cpu), shifted.Embed(moved, TorchDevice.Cpu), 1e-3);
    }

    [TestMethod]
    public void Principal_components_are_those_of_the_covariance()
    {
        // Second route: the trace of the covariance in the space of all components is that of the rows, and the components are uncorrelated.
        float[] moved = Array.ConvertAll(Rows, value => value + 1_000);
        float[] embeddings = PrincipalComponents.Fit(moved, 6, 6, seed: 1).Embed(moved, TorchDevice.Cpu);
        double[,] before = Covariance(Rows), after = Covariance(embeddings);
        double trace = 0, kept = 0;
        for (int i = 0; i < 6; i++)
        {
            trace += before[i, i];
            kept += after[i, i];
            for (int j = 0; j < i; j++)
                Assert.AreEqual(0, after[i, j], 1e-2 * Math.Sqrt(after[i, i] * after[j, j]));
        }

        Assert.AreEqual(trace, kept, 1e-3 * trace);
    }

    [TestMethod]
    [DataRow(CactusPartitioning.Clusters, 100_000f)]
    [DataRow(CactusPartitioning.Hyperplanes, 100_000f)]
    public void Partitions_do_not_depend_on_the_origin(CactusPartitioning partitioning, float shift)
    {
        var options = new CactusOptions
        {
            Partitioning = partitioning,
            Clusters = 4,
            Ways = 2,
            Shots = 1,
            QueriesPerClass = 1,
            Partitions = 3,
            MinimumUsableClusters = 0.2,
        };
        float[] moved = Array.ConvertAll(Rows, value => value + shift);
        var plain = new PartitionBuilder(options, Rows, 6, 1, CPU, () => { });
        var shifted = new PartitionBuilder(options, moved, 6, 1, CPU, () => { });
        Assert.AreEqual(Text(plain.Build()), Text(shifted.Build()));
        AssertClose(plain.Centroids, Array.ConvertAll(shifted.Centroids, value => value - shift), 0.01);

        static string Text(IReadOnlyList<int[][]> partitions) =>
            string.Join(" | ", partitions.Select(partition => string.Join("; ", partition.Select(members => string.Join(",", members)))));
    }

    [TestMethod]
    [DataRow(CactusEmbedding.Autoencoder)]
    [DataRow(CactusEmbedding.Acai)]
    public void Codes_of_an_autoencoder_do_not_depend_on_the_origin(CactusEmbedding embedding)
    {
        var options = new CactusOptions { Embedding = embedding, EmbeddingEpochs = 3, EmbeddingSize = 3 };
        float[] moved = Array.ConvertAll(Rows, value => value + 10_000);
        float[] plain = Fit(Rows).Embed(Rows, TorchDevice.Cpu), shifted = Fit(moved).Embed(moved, TorchDevice.Cpu);
        AssertClose(plain, shifted, 1e-2);

        EmbeddingSpace Fit(float[] rows) => AutoencoderTraining.Fit(CatalogOf(), rows, null, 6, options, 1, CPU);

        static Microsoft.ML.Runtime.IHostEnvironment CatalogOf() => MLNet.Papers.Interop.Host.EnvironmentOf(new MLContext(1).Transforms);
    }

    [TestMethod]
    public void Baselines_do_not_depend_on_the_origin()
    {
        const float Shift = 100_000;
        int[] classes = [.. Enumerable.Range(0, 20).Select(row => row % 4)];
        var plain = new VectorTask(Rows[..120], 6, classes, Rows[120..]);
        var shifted = new VectorTask(
            Array.ConvertAll(plain.Support, value => value + Shift), 6, classes, Array.ConvertAll(plain.Queries, value => value + Shift));
        CollectionAssert.AreEqual(ClassMeans.Answer(plain), ClassMeans.Answer(shifted));
        CollectionAssert.AreEqual(NearestNeighbour.Answer(plain), NearestNeighbour.Answer(shifted));
        CollectionAssert.AreEqual(LogisticRegression.Answer(plain), LogisticRegression.Answer(shifted));
        CollectionAssert.AreEqual(DropoutPerceptron.Answer(plain, CPU, 1), DropoutPerceptron.Answer(shifted, CPU, 1));
        CollectionAssert.AreEqual(
            ClusterMatching.Answer(plain, Rows[60..120]), ClusterMatching.Answer(shifted, Array.ConvertAll(Rows[60..120], value => value + Shift)));
    }

    [TestMethod]
    public void A_space_is_saved_with_its_origin()
    {
        var ml = new MLContext(1);
        HandWrittenView rows = View(Array.ConvertAll(Rows, value => value + 5_000));
        using CactusTransformer learned = ml.Transforms.FeaturizeWithCactus("Learned", "Features", new()
        {
            EmbeddingSize = 3,
            Clusters = 4,
            Partitions = 1,
            MinimumUsableClusters = 0.2,
            Ways = 2,
            Shots = 1,
            QueriesPerClass = 1,
            Steps = 1,
            HiddenUnits = [4],
            FeatureCount = 3,
        }).Fit(rows);
        using var stream = new MemoryStream();
        ml.Model.Save(learned, inputSchema: null, stream);
        stream.Position = 0;
        using var loaded = (CactusTransformer)new MLContext().Model.Load(stream, out _);
        float[] moved = Array.ConvertAll(Rows, value => value + 5_000);
        CollectionAssert.AreEqual(learned.Parts.Space!.Embed(moved, TorchDevice.Cpu), loaded.Parts.Space!.Embed(moved, TorchDevice.Cpu));
    }

    private static HandWrittenView View(float[] rows) => new(HandWrittenColumn.Vectors("Features", [.. rows.Chunk(6)]));

    private static float[] GridRows(int count, int size)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count * size).Select(i => (float)(Math.Round(64 * ((i % size) + 1) * random.Normal()) / 64) + (8 * (i / size % 4)))];
    }

    private static double[,] Covariance(float[] rows)
    {
        int count = rows.Length / 6;
        double[] means = [.. Enumerable.Range(0, 6).Select(i => Enumerable.Range(0, count).Average(row => (double)rows[(row * 6) + i]))];
        double[,] covariance = new double[6, 6];
        for (int i = 0; i < 6; i++)
        {
            for (int j = 0; j < 6; j++)
                covariance[i, j] = Enumerable.Range(0, count).Average(row => (rows[(row * 6) + i] - means[i]) * (rows[(row * 6) + j] - means[j]));
        }

        return covariance;
    }

    private static void AssertClose(float[] expected, float[] found, double tolerance)
    {
        Assert.HasCount(expected.Length, found);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], found[i], tolerance, $"value {i}");
    }
}
