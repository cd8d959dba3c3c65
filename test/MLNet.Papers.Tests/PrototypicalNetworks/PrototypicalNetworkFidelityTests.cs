using MLNet.Papers.Episodes;
using MLNet.Papers.Networks;
using MLNet.Papers.PrototypicalNetworks;
using MLNet.Papers.Tests.Networks;
using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.PrototypicalNetworks;

/// <summary>Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017: equations 1 and 2 and Algorithm 1.</summary>
[TestClass]
public sealed class PrototypicalNetworkFidelityTests : TensorTests
{
    // By hand.

    [TestMethod]
    public void Prototype_is_the_class_mean()
    {
        // ((0, 0) + (2, 0)) / 2 = (1, 0) and ((0, 4) + (0, 6)) / 2 = (0, 5)
        Tensor prototypes = Prototypes.Compute(tensor(new float[,] { { 0, 0 }, { 2, 0 }, { 0, 4 }, { 0, 6 } }), ways: 2);
        CollectionAssert.AreEqual(new float[] { 1, 0, 0, 5 }, Values(prototypes));
    }

    [TestMethod]
    public void Query_is_scored_by_squared_distance_to_the_prototypes()
    {
        // Squared distances 0.25 and 2.25: p = 1 / (1 + e^-2) = 0.880797 and 0.119203. With plain distances 0.5 and 1.5 it would be 0.731059.
        Tensor prototypes = tensor(new float[,] { { 0, 0 }, { 2, 0 } }), query = tensor(new float[,] { { 0.5f, 0 } });
        float[] probabilities = Values(Prototypes.LogProbabilities(query, prototypes, Distance.SquaredEuclidean).exp());
        Assert.AreEqual(0.880797, probabilities[0], 1e-6);
        Assert.AreEqual(0.119203, probabilities[1], 1e-6);
    }

    [TestMethod]
    public void Query_is_scored_by_cosine_distance_to_the_prototypes()
    {
        // (1, 1) is at 45 degrees to (3, 0) and at 135 to (0, -5): distances 1 - 0.707107 and 1 + 0.707107, p = 1 / (1 + e^-1.414214) = 0.804430.
        Tensor prototypes = tensor(new float[,] { { 3, 0 }, { 0, -5 } }), query = tensor(new float[,] { { 1, 1 } });
        float[] logits = Values(Prototypes.Logits(query, prototypes, Distance.Cosine));
        Assert.AreEqual(-0.292893, logits[0], 1e-6);
        Assert.AreEqual(-1.707107, logits[1], 1e-6);
        Assert.AreEqual(0.804430, Values(Prototypes.LogProbabilities(query, prototypes, Distance.Cosine).exp())[0], 1e-5);
    }

    [TestMethod]
    public void Loss_is_the_negative_logarithm_of_the_probability_of_the_querys_class()
    {
        // -ln 0.880797 = 0.126928 for the query (0.5, 0) of the class at (0, 0), -ln 0.119203 = 2.126928 if it is of the class at (2, 0).
        Tensor support = tensor(new float[,] { { 0, 0 }, { 2, 0 } });
        Tensor queries = tensor(new float[,] { { 0.5f, 0 }, { 0.5f, 0 } });
        Assert.AreEqual((0.126928 + 2.126928) / 2, EpisodeLoss.Of(support, queries, 2, Distance.SquaredEuclidean, 1).item<float>(), 1e-6);
    }

    [TestMethod]
    public void An_embedding_of_length_0_is_at_cosine_distance_1_from_everything()
    {
        Tensor prototypes = tensor(new float[,] { { 3, 0 }, { 0, 0 } }), queries = tensor(new float[,] { { 0, 0 }, { 1, 0 } });
        // (0, 0) to anything and anything to (0, 0): 1; (1, 0) to (3, 0): 0.
        CollectionAssert.AreEqual(new float[] { -1, -1, 0, -1 }, Values(Prototypes.Logits(queries, prototypes, Distance.Cosine)));
    }

    // Second route.

    [TestMethod]
    [DataRow(Distance.SquaredEuclidean)]
    [DataRow(Distance.Cosine)]
    public void The_linear_form_is_the_softmax_of_distances(Distance distance)
    {
        double[][] queries = Vectors(7, 6, seed: 1), prototypes = Vectors(5, 6, seed: 2);
        Tensor inDouble = Prototypes.LogProbabilities(Matrix(queries), Matrix(prototypes), distance);
        Tensor inSingle = Prototypes.LogProbabilities(Matrix(queries).to(ScalarType.Float32), Matrix(prototypes).to(ScalarType.Float32), distance);
        for (int q = 0; q < queries.Length; q++)
        {
            double[] expected = PlainMathematics.Probabilities(queries[q], prototypes, distance);
            for (int k = 0; k < prototypes.Length; k++)
            {
                Assert.AreEqual(Math.Log(expected[k]), inDouble[q, k].item<double>(), 1e-10);
                Assert.AreEqual(expected[k], inSingle[q, k].exp().item<float>(), 1e-5);
            }
        }
    }

    [TestMethod]
    [DataRow(Distance.SquaredEuclidean, 1.0)]
    [DataRow(Distance.SquaredEuclidean, 2.5)]
    [DataRow(Distance.Cosine, 0.5)]
    public void The_loss_is_that_of_the_plain_formula(Distance distance, double temperature)
    {
        double[][][] support = Groups(4, 3, 6, seed: 3), queries = Groups(4, 2, 6, seed: 4);
        double expected = PlainMathematics.Loss(support, queries, distance, temperature);
        Assert.AreEqual(expected, EpisodeLoss.Of(Matrix(support), Matrix(queries), 4, distance, temperature).item<double>(), 1e-10);
    }

    [TestMethod]
    [DataRow(Distance.SquaredEuclidean)]
    [DataRow(Distance.Cosine)]
    public void The_gradient_of_the_loss_is_its_slope(Distance distance)
    {
        const double Step = 1e-6;
        double[][][] support = Groups(3, 2, 4, seed: 5), queries = Groups(3, 2, 4, seed: 6);
        Tensor supportTensor = Matrix(support).requires_grad_(true), queryTensor = Matrix(queries).requires_grad_(true);
        EpisodeLoss.Of(supportTensor, queryTensor, 3, distance, 1.5).backward();
        AssertSlope(support, supportTensor.grad!);
        AssertSlope(queries, queryTensor.grad!);

        // Central differences of the plain formula, number by number.
        void AssertSlope(double[][][] groups, Tensor gradient)
        {
            double[] gradients = gradient.data<double>().ToArray();
            int place = 0;
            foreach (double[] vector in groups.SelectMany(group => group))
            {
                for (int i = 0; i < vector.Length; i++)
                {
                    double middle = vector[i];
                    vector[i] = middle + Step;
                    double above = PlainMathematics.Loss(support, queries, distance, 1.5);
                    vector[i] = middle - Step;
                    double below = PlainMathematics.Loss(support, queries, distance, 1.5);
                    vector[i] = middle;
                    Assert.AreEqual((above - below) / (2 * Step), gradients[place++], 1e-8);
                }
            }

            Assert.IsGreaterThan(0.01, gradients.Max(Math.Abs));
        }
    }

    [TestMethod]
    public void A_training_step_has_the_loss_of_Algorithm_1()
    {
        // Four classes of 5 rows, 3 ways, 2 shots, 3 queries; the network gives back its input.
        float[] features = Network.Rows(20, 2);
        int[][] members = [.. Enumerable.Range(0, 4).Select(k => Enumerable.Range(5 * k, 5).ToArray())];
        var options = new PrototypicalNetworkOptions { Ways = 3, Shots = 2, QueriesPerClass = 3, Temperature = 0.7 };
        using LayeredModule network = IdentityModule(2);
        using var source = new EpisodeSource(options, new EpisodeRows(features, 2, [members]), CPU, augments: true);
        var task = new PrototypicalNetworkTask(network, options.Loss(), source, null, 0, seed: 9);
        for (long step = 0; step < 3; step++)
        {
            Episode episode = new EpisodeSampler(members, 3, 2, 3).Draw(StepRandom.Create(9, step));
            double expected = PlainMathematics.Loss(Rows(episode.Support, 2), Rows(episode.Queries, 3), Distance.SquaredEuclidean, 0.7);
            Assert.AreEqual(expected, task.Loss(StepRandom.Create(9, step)).item<float>(), 1e-5);
        }

        double[][][] Rows(int[] rows, int each) =>
            [.. rows.Chunk(each).Select(chunk => chunk.Select(row => PlainMathematics.Double(features.AsSpan(2 * row, 2))).ToArray())];
    }

    [TestMethod]
    public void Rotations_are_classes_of_their_own()
    {
        // Three classes of 4 images of 3 x 3, and each class four times: 12 ways though Ways is 100. Class 3t + k is class k turned by t quarters.
        const int Classes = 3, Side = 3;
        float[] features = Network.Rows(4 * Classes, Side * Side);
        int[][] members = [.. Enumerable.Range(0, Classes).Select(k => Enumerable.Range(4 * k, 4).ToArray())];
        var options =
            new PrototypicalNetworkOptions { Ways = 100, Shots = 1, QueriesPerClass = 2, Rotations = true, ImageShape = new(1, Side, Side), Temperature = 4 };
        using LayeredModule network = IdentityModule(Side * Side);
        using var source = new EpisodeSource(options, new EpisodeRows(features, Side * Side, [members]), CPU, augments: true);
        var task = new PrototypicalNetworkTask(network, options.Loss(), source, null, 0, seed: 9);
        Episode episode = new EpisodeSampler([.. Enumerable.Range(0, 12).Select(index => members[index % Classes])], 12, 1, 2).Draw(StepRandom.Create(9, 5));
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 12).ToArray(), episode.Classes);
        double[][][] support = [.. episode.Classes.Select((index, way) => new[] { Turned(episode.Support[way], index / Classes) })];
        double[][][] queries =
        [
            .. episode.Classes.Select((index, way) => episode.Queries[(2 * way)..((2 * way) + 2)].Select(row => Turned(row, index / Classes)).ToArray()),
        ];
        double expected = PlainMathematics.Loss(support, queries, Distance.SquaredEuclidean, 4);
        Assert.AreEqual(expected, task.Loss(StepRandom.Create(9, 5)).item<float>(), 1e-5);

        // A quarter turn takes the last column to the first row.
        double[] Turned(int row, int quarters)
        {
            double[] image = PlainMathematics.Double(features.AsSpan(row * Side * Side, Side * Side));
            for (int quarter = 0; quarter < quarters; quarter++)
                image = [.. Enumerable.Range(0, Side * Side).Select(place => image[(place % Side * Side) + Side - 1 - (place / Side)])];
            return image;
        }
    }

    // Limits and identities.

    [TestMethod]
    public void The_order_of_the_support_does_not_matter()
    {
        double[][][] support = Groups(3, 4, 5, seed: 7), turned = [.. support.Select(group => group.Reverse().ToArray())];
        Assert.AreEqual(0, (Prototypes.Compute(Matrix(support), 3) - Prototypes.Compute(Matrix(turned), 3)).abs().max().item<double>(), 1e-12);
    }

    [TestMethod]
    public void Giving_every_support_example_twice_does_not_matter()
    {
        double[][][] support = Groups(3, 4, 5, seed: 7), twice = [.. support.Select(group => group.Concat(group).ToArray())];
        Assert.AreEqual(0, (Prototypes.Compute(Matrix(support), 3) - Prototypes.Compute(Matrix(twice), 3)).abs().max().item<double>(), 1e-12);
    }

    [TestMethod]
    public void Moving_all_embeddings_does_not_matter()
    {
        Tensor queries = Matrix(Vectors(6, 5, seed: 8)), prototypes = Matrix(Vectors(4, 5, seed: 9)), shift = Matrix(Vectors(1, 5, seed: 10)) * 100;
        Tensor here = Prototypes.LogProbabilities(queries, prototypes, Distance.SquaredEuclidean);
        Tensor there = Prototypes.LogProbabilities(queries + shift, prototypes + shift, Distance.SquaredEuclidean);
        Assert.AreEqual(0, (here - there).abs().max().item<double>(), 1e-10);
    }

    [TestMethod]
    public void Stretching_all_embeddings_does_not_matter_to_the_cosine()
    {
        Tensor queries = Matrix(Vectors(6, 5, seed: 8)), prototypes = Matrix(Vectors(4, 5, seed: 9));
        Tensor here = Prototypes.LogProbabilities(queries, prototypes, Distance.Cosine),
            there = Prototypes.LogProbabilities(queries * 7, prototypes * 0.1, Distance.Cosine);
        Assert.AreEqual(0, (here - there).abs().max().item<double>(), 1e-10);
    }

    [TestMethod]
    public void With_one_shot_the_prototype_is_the_embedding_itself()
    {
        Tensor support = Matrix(Vectors(4, 5, seed: 11)).to(ScalarType.Float32);
        CollectionAssert.AreEqual(Values(support), Values(Prototypes.Compute(support, 4)));
    }

    [TestMethod]
    public void With_one_shot_the_prediction_is_the_nearest_neighbour()
    {
        double[][] queries = Vectors(50, 3, seed: 12), support = Vectors(10, 3, seed: 13);
        Tensor predicted = Prototypes.Logits(Matrix(queries), Prototypes.Compute(Matrix(support), 10), Distance.SquaredEuclidean).argmax(1);
        for (int q = 0; q < queries.Length; q++)
        {
            double[] distances = [.. support.Select(example => PlainMathematics.SquaredEuclidean(queries[q], example))];
            Assert.AreEqual(Array.IndexOf(distances, distances.Min()), predicted[q].item<long>());
        }
    }

    [TestMethod]
    public void Far_from_the_origin_the_digits_are_kept()
    {
        // Embeddings near (10000, 10000, 10000) that differ by less than 2. Their squares are about 1e8, where single precision has steps of 8:
        // z^2 - 2 zc + c^2 as it stands would be wrong in the first digit.
        double[][] queries = Shifted(Vectors(5, 3, seed: 14)), prototypes = Shifted(Vectors(4, 3, seed: 15));
        Tensor probabilities =
            Prototypes.LogProbabilities(Matrix(queries).to(ScalarType.Float32), Matrix(prototypes).to(ScalarType.Float32), Distance.SquaredEuclidean).exp();
        for (int q = 0; q < queries.Length; q++)
        {
            double[] expected = PlainMathematics.Probabilities(queries[q], prototypes, Distance.SquaredEuclidean);
            for (int k = 0; k < prototypes.Length; k++)
                Assert.AreEqual(expected[k], probabilities[q, k].item<float>(), 1e-5);
        }

        // 10000 + n / 1024 is exact in single precision.
        static double[][] Shifted(double[][] vectors) =>
            [.. vectors.Select(vector => vector.Select(value => 10_000 + (Math.Round(value * 512) / 1024)).ToArray())];
    }

    private static LayeredModule IdentityModule(int size)
    {
        EmbeddingArchitecture architecture = Network.Perceptron(size, size);
        LayeredModule module = new LayeredModule(architecture);
        Network.Identity(size).CopyTo(architecture, module);
        return module;
    }

    private static double[][] Vectors(int count, int size, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, size).Select(_ => random.Normal()).ToArray())];
    }

    private static double[][][] Groups(int groups, int each, int size, int seed) => [.. Vectors(groups * each, size, seed).Chunk(each)];

    private static Tensor Matrix(params double[][] vectors) =>
        tensor([.. vectors.SelectMany(vector => vector)], [vectors.Length, vectors[0].Length], dtype: ScalarType.Float64);

    private static Tensor Matrix(double[][][] groups) => Matrix([.. groups.SelectMany(group => group)]);

    private static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
