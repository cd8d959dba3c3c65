using MLNet.Papers.PrototypicalNetworks;
using MLNet.Papers.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.PrototypicalNetworks;

/// <summary>The classifier that scores against the tensors that are trained with, and against the plain formula.</summary>
[TestClass]
public sealed class PrototypeClassifierTests
{
    [TestMethod]
    [DataRow(Distance.SquaredEuclidean, 2, 1, 1.0)]
    [DataRow(Distance.SquaredEuclidean, 3, 7, 1.0)]
    [DataRow(Distance.SquaredEuclidean, 20, 64, 1.0)]
    [DataRow(Distance.SquaredEuclidean, 3, 7, 2.5)]
    [DataRow(Distance.SquaredEuclidean, 1500, 5, 1.0)]  // more classes than fit the stack
    [DataRow(Distance.Cosine, 2, 3, 1.0)]
    [DataRow(Distance.Cosine, 20, 64, 1.0)]
    [DataRow(Distance.Cosine, 20, 64, 0.1)]
    public void Scores_are_those_that_training_has(Distance distance, int classes, int size, double temperature)
    {
        const int Queries = 8;
        float[] prototypes = Network.Rows(classes, size, seed: 1), queries = Network.Rows(Queries, size, seed: 2);
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = Prototypes.Logits(tensor(queries, [Queries, size]), tensor(prototypes, [classes, size]), distance) / temperature;
        Tensor expected = nn.functional.softmax(logits, dim: 1);
        float[][] chunks = [.. prototypes.Chunk(size)];
        var classifier = new PrototypeClassifier(chunks, size, distance, temperature);
        float[] probabilities = new float[classes];
        for (int q = 0; q < Queries; q++)
        {
            float[] embedding = queries[(q * size)..((q + 1) * size)];
            double[] plain = PlainMathematics.Probabilities(
                PlainMathematics.Double(embedding), [.. chunks.Select(chunk => PlainMathematics.Double(chunk))], distance, temperature);
            uint key = classifier.Classify(embedding, probabilities);
            for (int k = 0; k < classes; k++)
            {
                Assert.AreEqual(plain[k], probabilities[k], 1e-5);
                Assert.AreEqual(expected[q, k].item<float>(), probabilities[k], 1e-5);
            }

            Assert.AreEqual((uint)Array.IndexOf(plain, plain.Max()) + 1, key);
            Assert.AreEqual(1, probabilities.Sum(), 1e-5);
        }
    }

    [TestMethod]
    public void The_papers_example_comes_out()
    {
        // Squared distances 0.25 and 2.25: p = 1 / (1 + e^-2).
        var classifier = new PrototypeClassifier([[0, 0], [2, 0]], 2, Distance.SquaredEuclidean);
        float[] probabilities = new float[2];
        Assert.AreEqual(1u, classifier.Classify([0.5f, 0], probabilities));
        Assert.AreEqual(0.880797, probabilities[0], 1e-6);
        Assert.AreEqual(0.119203, probabilities[1], 1e-6);
        Assert.AreEqual(2u, classifier.Classify([1.001f, 50], probabilities));
    }

    // Two prototypes lie symmetrically about their mean, and what depends on their lengths cancels; three do not.
    [TestMethod]
    public void Of_three_prototypes_the_lengths_count()
    {
        // From (1, 1) the squared distances to (0, 0), (2, 0) and (0, 4) are 2, 2 and 10: p = 1 / (2 + e^-8) = 0.499916 twice, and e^-8 / (2 + e^-8) =
        // 0.000168.
        var classifier = new PrototypeClassifier([[0, 0], [2, 0], [0, 4]], 2, Distance.SquaredEuclidean);
        float[] probabilities = new float[3];
        classifier.Classify([1, 1], probabilities);
        Assert.AreEqual(0.499916, probabilities[0], 1e-6);
        Assert.AreEqual(0.499916, probabilities[1], 1e-6);
        Assert.AreEqual(0.000168, probabilities[2], 1e-6);
    }

    [TestMethod]
    [DataRow(Distance.SquaredEuclidean)]
    [DataRow(Distance.Cosine)]
    public void A_class_without_examples_is_never_predicted(Distance distance)
    {
        var classifier = new PrototypeClassifier([null, [1, 0], null, [0, 1], null], 2, distance);
        float[] probabilities = [9, 9, 9, 9, 9];
        Assert.AreEqual(4u, classifier.Classify([0.1f, 2], probabilities));
        Assert.AreEqual((0f, 0f, 0f), (probabilities[0], probabilities[2], probabilities[4]));
        Assert.AreEqual(1, probabilities[1] + probabilities[3], 1e-6);
        Assert.AreEqual(2u, classifier.Classify([2, 0.1f], probabilities));
    }

    [TestMethod]
    [DataRow(Distance.SquaredEuclidean)]
    [DataRow(Distance.Cosine)]
    public void An_embedding_that_is_not_finite_belongs_to_no_class(Distance distance)
    {
        var classifier = new PrototypeClassifier([[1, 0], null, [0, 1]], 2, distance);
        foreach (float value in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            float[] probabilities = [9, 9, 9];
            Assert.AreEqual(0u, classifier.Classify([value, 0.5f], probabilities), $"{value}");
            Assert.IsTrue(probabilities.All(float.IsNaN), $"{value}: {string.Join(", ", probabilities)}");
        }
    }

    [TestMethod]
    public void Equal_prototypes_get_equal_probabilities()
    {
        var classifier = new PrototypeClassifier([[1, 2], [1, 2], [1, 2], [1, 2]], 2, Distance.SquaredEuclidean);
        float[] probabilities = new float[4];
        classifier.Classify([5, -3], probabilities);
        CollectionAssert.AreEqual(new[] { 0.25f, 0.25f, 0.25f, 0.25f }, probabilities);
    }

    [TestMethod]
    public void A_query_far_from_all_prototypes_still_has_one_that_is_nearest()
    {
        // At (1000, 0) the squared distances to (0, 0) and (2, 0) are 1000000 and 996004: p = e^-3996, which is 0 in single precision.
        var classifier = new PrototypeClassifier([[0, 0], [2, 0]], 2, Distance.SquaredEuclidean);
        float[] probabilities = new float[2];
        Assert.AreEqual(2u, classifier.Classify([1000, 0], probabilities));
        CollectionAssert.AreEqual(new float[] { 0, 1 }, probabilities);
    }

    [TestMethod]
    public void Far_from_the_origin_the_digits_are_kept()
    {
        // As for (0.5, 0) between (0, 0) and (2, 0), but all of it moved by 10000: squares of 1e8 have steps of 8 in single precision.
        var classifier = new PrototypeClassifier([[10_000, 10_000], [10_002, 10_000]], 2, Distance.SquaredEuclidean);
        float[] probabilities = new float[2];
        classifier.Classify([10_000.5f, 10_000], probabilities);
        Assert.AreEqual(0.880797, probabilities[0], 1e-6);
    }

    [TestMethod]
    public void The_cosine_does_not_depend_on_how_long_an_embedding_is()
    {
        // (3, 4) is at cosine 0.6 and 0.8 to the axes: p = 1 / (1 + e^-0.2) = 0.549834 for the second. The square of 1e25 is infinite, that of 1e-25 is 0.
        var classifier = new PrototypeClassifier([[1, 0], [0, 1]], 2, Distance.Cosine);
        float[] probabilities = new float[2];
        foreach (float length in new[] { 1, 1e10f, 1e25f, 1e-10f, 1e-25f })
        {
            Assert.AreEqual(2u, classifier.Classify([3 * length, 4 * length], probabilities), $"{length}");
            Assert.AreEqual(0.549834, probabilities[1], 1e-6, $"{length}");
        }
    }

    [TestMethod]
    public void An_embedding_of_length_0_is_as_near_to_all_classes()
    {
        var classifier = new PrototypeClassifier([[1, 0], [0, 1]], 2, Distance.Cosine);
        float[] probabilities = new float[2];
        classifier.Classify([0, 0], probabilities);
        CollectionAssert.AreEqual(new[] { 0.5f, 0.5f }, probabilities);
    }
}
