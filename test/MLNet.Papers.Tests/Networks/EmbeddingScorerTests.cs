using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Networks;

/// <summary>The form of a network that scores against the form that is trained.</summary>
[TestClass]
public sealed class EmbeddingScorerTests
{
    private const int Most = 9;

    public static IEnumerable<object[]> Architectures => Network.Kinds.Keys.Select(name => new object[] { name });

    [TestMethod, DynamicData(nameof(Architectures))]
    public void The_scoring_form_gives_what_the_training_form_gives(string name)
    {
        EmbeddingArchitecture architecture = Network.Kinds[name];
        using LayeredModule module = Network.Random(architecture);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, NetworkWeights.Of(architecture, module), TorchDevice.Cpu);
        float[] rows = Network.Rows(Most, architecture.InputSize);
        foreach (int count in new[] { 1, 2, Most })
        {
            float[] embeddings = new float[count * architecture.OutputSize];
            scorer.Embed(rows, count, embeddings);
            Network.AssertClose(Network.Forward(module, rows[..(count * architecture.InputSize)], count), embeddings, 1e-5, $"{name}, {count} rows");
        }
    }

    [TestMethod, DynamicData(nameof(Architectures))]
    public void A_row_alone_gives_what_it_gives_in_a_batch(string name)
    {
        EmbeddingArchitecture architecture = Network.Kinds[name];
        using LayeredModule module = Network.Random(architecture);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, NetworkWeights.Of(architecture, module), TorchDevice.Cpu);
        float[] rows = Network.Rows(Most, architecture.InputSize);
        float[] together = new float[Most * architecture.OutputSize], alone = new float[Most * architecture.OutputSize];
        scorer.Embed(rows, Most, together);
        for (int row = 0; row < Most; row++)
        {
            float[] values = rows[(row * architecture.InputSize)..((row + 1) * architecture.InputSize)], embedding = new float[architecture.OutputSize];
            scorer.Embed(values, 1, embedding);
            embedding.CopyTo(alone, row * architecture.OutputSize);
        }

        Network.AssertClose(together, alone, 1e-5, name);
    }

    // A training form in train() would give a row that depends on its neighbours.
    [TestMethod]
    public void A_row_does_not_depend_on_the_others_of_its_batch()
    {
        EmbeddingArchitecture architecture = Network.Convolution(new(1, 8, 8), 4, 2);
        using LayeredModule module = Network.Random(architecture);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, NetworkWeights.Of(architecture, module), TorchDevice.Cpu);
        float[] rows = Network.Rows(3, 64), others = Network.Rows(3, 64, seed: 2);
        rows.AsSpan(0, 64).CopyTo(others);
        float[] first = new float[3 * architecture.OutputSize], second = new float[3 * architecture.OutputSize];
        scorer.Embed(rows, 3, first);
        scorer.Embed(others, 3, second);
        Network.AssertClose(first[..architecture.OutputSize], second[..architecture.OutputSize], 1e-6);
        CollectionAssert.AreNotEqual(first[architecture.OutputSize..], second[architecture.OutputSize..]);
    }

    // MKL adds in another order where numbers do not begin at a multiple of 64 bytes, and where the runtime puts an array is chance. Both forms, on the CPU.
    [TestMethod, DynamicData(nameof(Architectures))]
    public void Where_rows_and_weights_lie_in_memory_does_not_matter(string name)
    {
        EmbeddingArchitecture architecture = Network.Kinds[name];
        using LayeredModule module = Network.Random(architecture);
        float[] rows = Network.Rows(Most, architecture.InputSize);
        foreach (bool isForDevice in new[] { false, true })
        {
            float[]? expected = null;
            var between = new List<byte[]>();
            for (int place = 0; place < (architecture.InputSize > 500 ? 4 : 30); place++)
            {
                between.Add(new byte[8 * (place % 7)]);
                NetworkWeights weights = NetworkWeights.Of(architecture, module);
                using EmbeddingScorer scorer = isForDevice ? ForDevice(architecture, weights) : EmbeddingScorer.Create(architecture, weights, TorchDevice.Cpu);
                float[] copy = [.. rows], embeddings = new float[Most * architecture.OutputSize];
                scorer.Embed(copy, Most, embeddings);
                expected ??= embeddings;
                CollectionAssert.AreEqual(expected, embeddings, $"{name}, place {place}, for a device: {isForDevice}");
            }

            GC.KeepAlive(between);
        }
    }

    [TestMethod]
    public void Only_the_rows_asked_for_are_read_and_written()
    {
        EmbeddingArchitecture architecture = Network.Perceptron(2, 2);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, Network.Identity(2), TorchDevice.Cpu);
        float[] rows = [1, 2, 3, 4, float.NaN, float.NaN], embeddings = [0, 0, 0, 0, 7, 8];
        scorer.Embed(rows, 2, embeddings);
        CollectionAssert.AreEqual(new float[] { 1, 2, 3, 4, 7, 8 }, embeddings);
    }

    [TestMethod, DynamicData(nameof(Architectures))]
    public void A_scorer_leaves_no_tensor_behind(string name)
    {
        EmbeddingArchitecture architecture = Network.Kinds[name];
        using LayeredModule module = Network.Random(architecture);
        NetworkWeights weights = NetworkWeights.Of(architecture, module);
        float[] rows = Network.Rows(2, architecture.InputSize), embeddings = new float[2 * architecture.OutputSize];
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, weights, TorchDevice.Cpu))
        {
            scorer.Embed(rows, 2, embeddings);
            long scoring = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            scorer.Embed(rows, 2, embeddings);
            scorer.Embed(rows[..architecture.InputSize], 1, new float[architecture.OutputSize]);
            Assert.AreEqual(scoring, DisposeScopeManager.Statistics.ThreadTotalLiveCount, name);
        }

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, name);
    }

    // The forms for a GPU, here on the CPU: the same values, by another way.
    [TestMethod, DynamicData(nameof(Architectures))]
    public void The_form_for_a_device_gives_what_the_training_form_gives_and_frees_its_tensors(string name)
    {
        EmbeddingArchitecture architecture = Network.Kinds[name];
        using LayeredModule module = Network.Random(architecture);
        NetworkWeights weights = NetworkWeights.Of(architecture, module);
        float[] rows = Network.Rows(Most, architecture.InputSize), embeddings = new float[Most * architecture.OutputSize];
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (EmbeddingScorer scorer = ForDevice(architecture, weights))
        {
            Assert.IsGreaterThan(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "Nothing was allocated.");
            scorer.Embed(rows, Most, embeddings);
        }

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, name);
        Network.AssertClose(Network.Forward(module, rows, Most), embeddings, 1e-5, name);
    }

    // Features that are finite but huge run over on the way and become infinite minus infinite. A maximum or rectifier that takes such a value for 0 would
    // turn it into an embedding that looks sound.
    [TestMethod, DynamicData(nameof(Architectures))]
    public void What_is_not_a_number_stays_so(string name)
    {
        EmbeddingArchitecture architecture = Network.Kinds[name];
        using LayeredModule module = Network.Random(architecture);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, NetworkWeights.Of(architecture, module), TorchDevice.Cpu);
        float[] rows = [.. Enumerable.Repeat(float.NaN, Most * architecture.InputSize)],
            embeddings = new float[Most * architecture.OutputSize],
            embedding = new float[architecture.OutputSize];
        Assert.IsTrue(Network.Forward(module, rows, Most).All(float.IsNaN));
        scorer.Embed(rows, Most, embeddings);
        Assert.IsTrue(embeddings.All(float.IsNaN), $"{name}, a batch");
        scorer.Embed(rows[..architecture.InputSize], 1, embedding);
        Assert.IsTrue(embedding.All(float.IsNaN), $"{name}, a row");
    }

    [TestMethod]
    public void The_mean_of_many_rows_is_that_of_their_embeddings()
    {
        // Rows 0 to 512 hold (i, 2i); they are embedded in batches of 256, 256 and 1.
        EmbeddingArchitecture architecture = Network.Perceptron(2, 2);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, Network.Identity(2), TorchDevice.Cpu);
        float[] rows = [.. Enumerable.Range(0, 513).SelectMany(i => new float[] { i, 2 * i })];
        int[] groups = [.. Enumerable.Range(0, 513).Select(i => i == 512 ? 3 : i % 2)];
        (float[]?[] means, long[] counts) = BatchedEmbedding.Means(rows, groups, 4, scorer, architecture);
        CollectionAssert.AreEqual(new float[] { 255, 510 }, means[0]);   // 0, 2, ..., 510
        CollectionAssert.AreEqual(new float[] { 256, 512 }, means[1]);   // 1, 3, ..., 511
        Assert.IsNull(means[2]);
        CollectionAssert.AreEqual(new float[] { 512, 1024 }, means[3]);  // row 512 alone
        CollectionAssert.AreEqual(new long[] { 256, 256, 0, 1 }, counts);
        CollectionAssert.AreEqual(rows, BatchedEmbedding.All(rows, scorer, architecture));
    }

    [TestMethod]
    public void No_rows_have_no_embeddings()
    {
        EmbeddingArchitecture architecture = Network.Perceptron(2, 2);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, Network.Identity(2), TorchDevice.Cpu);
        Assert.IsEmpty(BatchedEmbedding.All([], scorer, architecture));
        (float[]?[] means, long[] counts) = BatchedEmbedding.Means([], [], 2, scorer, architecture);
        CollectionAssert.AreEqual(new float[]?[] { null, null }, means);
        CollectionAssert.AreEqual(new long[] { 0, 0 }, counts);
    }

    private static TorchScorer ForDevice(EmbeddingArchitecture architecture, NetworkWeights weights) =>
        new TorchScorer(architecture, weights, CPU);
}
