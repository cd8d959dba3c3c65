using System.Numerics.Tensors;
using MLNet.Papers.Codes;
using MLNet.Papers.VectorQuantizedAutoencoder;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Tests.VectorQuantizedAutoencoder;

/// <summary>The quantiser against sums by hand, and what public implementations of it got wrong.</summary>
[TestClass]
public sealed class VectorQuantizedAutoencoderFidelityTests
{
    private DisposeScope _scope = null!;

    [TestInitialize]
    public void Begin() => _scope = NewDisposeScope();

    [TestCleanup]
    public void End() => _scope.Dispose();

    // f = (0.9, 0.6), e0 = (0, 0), e1 = (1, 1): squared distances 1.17 and 0.17, means over two values 0.585 and 0.085.
    [TestMethod]
    public void The_nearest_vector_and_both_terms_of_the_loss_by_hand()
    {
        Tensor found = tensor(new[,] { { 0.9f, 0.6f } }), vectors = tensor(new[,] { { 0f, 0 }, { 1, 1 } });
        Tensor nearest = CodebookModule.Nearest(found, vectors);
        Assert.AreEqual(1, nearest.item<long>());
        double term = nn.functional.mse_loss(vectors.index_select(0, nearest), found).item<float>();
        Assert.AreEqual(0.085, term, 1e-7);
        Assert.AreEqual(0.02125, 0.25 * term, 1e-7);
        uint[] number = new uint[1];
        Book(2, 2, [0, 0, 1, 1]).Nearest([0.9f, 0.6f], number);
        Assert.AreEqual(1u, number[0]);
    }

    [TestMethod]
    public void Of_two_vectors_as_near_the_lower_one_is_taken()
    {
        uint[] number = new uint[1];
        Book(3, 2, [5, 5, 1, 1, 1, 1]).Nearest([1, 1], number);
        Assert.AreEqual(1u, number[0]);
    }

    [TestMethod]
    public void The_kernel_finds_what_a_plain_loop_finds()
    {
        var random = new Random(3);
        const int Size = 37, Dimension = 5, Height = 3, Width = 4;
        float[] vectors = Numbers(random, Size * Dimension), grid = Numbers(random, Dimension * Height * Width);
        var book = new Codebook(Size, Dimension, Height, Width, vectors, new long[Size]);
        uint[] found = new uint[Height * Width];
        book.Nearest(grid, found);
        for (int place = 0; place < found.Length; place++)
        {
            float[] own = [.. Enumerable.Range(0, Dimension).Select(channel => grid[(channel * found.Length) + place])];
            int expected = Enumerable.Range(0, Size).MinBy(code => TensorPrimitives.Distance<float>(own, vectors.AsSpan(code * Dimension, Dimension)));
            Assert.AreEqual((uint)expected, found[place]);
        }

        float[] looked = new float[grid.Length];
        book.Look(found, looked);
        uint[] again = new uint[found.Length];
        book.Nearest(looked, again);
        CollectionAssert.AreEqual(found, again, "What was quantised stands for itself.");
    }

    [TestMethod]
    public void The_decoder_s_gradient_reaches_the_encoder_as_it_is_and_the_codebook_not_at_all()
    {
        Tensor found = tensor(new[,] { { 0.9f, 0.6f }, { 0.1f, -0.2f } }, requires_grad: true);
        Tensor vectors = tensor(new[,] { { 0f, 0 }, { 1, 1 } }, requires_grad: true);
        Tensor quantized = vectors.index_select(0, CodebookModule.Nearest(found, vectors));
        Tensor passed = VectorQuantizedModule.StraightThrough(found, quantized);
        Assert.AreEqual(0, (passed - quantized).abs().max().item<float>(), 1e-6, "The decoder reads the vectors.");
        (passed * tensor(new[,] { { 1f, 2 }, { 3, 4 } })).sum().backward();
        CollectionAssert.AreEqual(new[] { 1f, 2, 3, 4 }, found.grad!.data<float>().ToArray());
        Assert.IsNull(vectors.grad);
    }

    // 2 · β · (z_e - e) over the number of values: 2 · 0.25 · (-0.1, -0.4) / 2.
    [TestMethod]
    public void The_commitment_s_gradient_by_hand()
    {
        Tensor found = tensor(new[,] { { 0.9f, 0.6f } }, requires_grad: true), vector = tensor(new[,] { { 1f, 1 } });
        using Scalar commitment = 0.25;
        (nn.functional.mse_loss(found, vector) * commitment).backward();
        Assert.AreEqual(-0.025, found.grad![0, 0].item<float>(), 1e-7);
        Assert.AreEqual(-0.1, found.grad![0, 1].item<float>(), 1e-7);
    }

    [TestMethod]
    public void Moving_sums_begin_as_sums_and_the_same_rows_leave_the_codebook()
    {
        using CodebookModule codebook = Module(4, decay: 0.9);
        Tensor points = FourPoints(copies: 5);
        codebook.Begin(points, new Random(1), () => { });
        AssertClose(codebook.Sums, codebook.Counts.unsqueeze(1) * codebook.Vectors, 1e-6);
        Tensor before = codebook.Vectors.clone();
        Learn(codebook, points);
        // The constant that keeps counts from 0 is a few millionths of them.
        AssertClose(codebook.Vectors, before, 1e-4);
    }

    [TestMethod]
    public void Without_memory_a_vector_is_the_mean_of_what_is_nearest_to_it()
    {
        using CodebookModule codebook = Module(2, decay: 0);
        codebook.Begin(tensor(new[,] { { 0f, 0 }, { 10, 10 } }), new Random(1), () => { });
        Tensor points = tensor(new[,] { { 0f, 1 }, { 1, 0 }, { 10, 11 }, { 11, 10 }, { 12, 12 } });
        Learn(codebook, points);
        float[] sorted = [.. codebook.Vectors.data<float>().ToArray().Order()];
        CollectionAssert.AreEqual(new[] { 0.5f, 0.5f, 11, 11 }, Array.ConvertAll(sorted, value => MathF.Round(value, 3)));
    }

    [TestMethod]
    public void Four_codes_reach_four_points()
    {
        for (int seed = 0; seed < 5; seed++)
        {
            using CodebookModule codebook = Module(4, decay: 0.9);
            Tensor points = FourPoints(copies: 3);
            codebook.Begin(points.narrow(0, 0, 3), new Random(seed), () => { });
            var random = new Random(seed);
            for (int step = 0; step < 200; step++)
                Learn(codebook, points, random);
            Tensor distances = (points.unsqueeze(1) - codebook.Vectors.unsqueeze(0)).square().sum(2).min(1).values;
            Assert.IsLessThan(1e-3, distances.max().item<float>(), $"seed {seed}");
        }
    }

    [TestMethod]
    public void A_codebook_that_nothing_is_near_to_stays_finite()
    {
        using var codebook = new CodebookModule(8, 2, CodebookLearning.MovingAverage, 0.5, restarts: false);
        codebook.Begin(tensor(new[,] { { 0f, 0 }, { 1, 1 } }), new Random(1), () => { });
        for (int step = 0; step < 1000; step++)
            Learn(codebook, tensor(new[,] { { 0.1f, 0.1f } }));
        Assert.IsTrue(codebook.Vectors.isfinite().all().item<bool>());
        Assert.IsLessThan(2, codebook.Vectors.abs().max().item<float>());
    }

    [TestMethod]
    public void Vectors_that_are_not_used_begin_anew_at_what_the_encoder_gives()
    {
        using CodebookModule codebook = Module(8, decay: 0);
        codebook.Begin(tensor(new[,] { { 0f, 0 }, { 1, 1 } }), new Random(1), () => { });
        Tensor points = tensor(new[,] { { 5f, 5 }, { 7, 7 }, { 9, 9 }, { 5.5f, 5 }, { 7.5f, 7 }, { 9.5f, 9 }, { 6, 6 }, { 8, 8 } });
        Learn(codebook, points, new Random(2));
        Assert.IsGreaterThan(4.9f, codebook.Vectors.min().item<float>());
    }

    [TestMethod]
    public void Perplexity_is_that_of_all_uses()
    {
        Assert.AreEqual(new CodebookHealth(4, 4, 4), Rounded(CodebookHealth.Of([7, 7, 7, 7])));
        Assert.AreEqual(new CodebookHealth(4, 1, 1), Rounded(CodebookHealth.Of([0, 9, 0, 0])));
        // exp(-(3/4 ln 3/4 + 1/4 ln 1/4)) = 1.7548.
        Assert.AreEqual(1.7548, CodebookHealth.Of([3, 1, 0]).Perplexity, 1e-4);
        Assert.IsTrue(CodebookHealth.Of([1000, 1, 0, 0, 0, 0, 0, 0]).HasCollapsed);
        Assert.IsFalse(CodebookHealth.Of([4, 5, 6, 0, 0, 3, 4, 4]).HasCollapsed);
    }

    private static CodebookHealth Rounded(CodebookHealth health) => health with { Perplexity = Math.Round(health.Perplexity, 6) };

    private static CodebookModule Module(int size, double decay) => new(size, 2, CodebookLearning.MovingAverage, decay, restarts: true);

    private static void Learn(CodebookModule codebook, Tensor found, Random? random = null)
    {
        (Tensor counts, Tensor sums) = CodebookModule.Sum(found, CodebookModule.Nearest(found, codebook.Vectors), codebook.Vectors.shape[0]);
        codebook.Learn(counts, sums, found, random ?? new Random(1));
    }

    private static Tensor FourPoints(int copies) => tensor(new[,] { { 0f, 1 }, { 1, 0 }, { -1, 0.5f }, { 3, -2 } }).repeat(copies, 1);

    private static void AssertClose(Tensor actual, Tensor expected, double tolerance) =>
        Assert.AreEqual(0, (actual - expected).abs().max().item<float>(), tolerance);

    private static Codebook Book(int size, int dimension, float[] vectors) => new(size, dimension, 1, 1, vectors, new long[size]);

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
}
