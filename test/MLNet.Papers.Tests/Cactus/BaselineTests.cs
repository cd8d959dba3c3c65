using Microsoft.ML;
using MLNet.Papers.Cactus;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.Cactus;

/// <summary>The baselines of section 4 of Hsu, Levine and Finn (2019), and how a user asks for them.</summary>
[TestClass]
public sealed class BaselineTests
{
    // Class 3 at 0 and 1, class 7 at 4: means 0.5 and 4, the middle of the means 2.25, of the nearest examples 2.5.
    private static readonly VectorTask Line = new([0, 1, 4], 1, [3, 3, 7], [2.4f, 2.2f, 2.6f]);

    [TestMethod]
    public void Class_means_and_nearest_neighbours_are_those_of_the_line()
    {
        CollectionAssert.AreEqual(new[] { 7, 3, 7 }, ClassMeans.Answer(Line));
        CollectionAssert.AreEqual(new[] { 3, 3, 7 }, NearestNeighbour.Answer(Line));
    }

    [TestMethod]
    public void Clusters_take_the_label_of_most_and_queries_the_nearest_labelled_cluster()
    {
        // Centroids 0, 2.3, 5 and 9: the support hits the first (0 and 1) and the third (4). A query at 2.4 is nearest to the second, which nobody labelled: 0
        // is 2.4 away, 5 is 2.6.
        CollectionAssert.AreEqual(new[] { 3, 3, 7 }, ClusterMatching.Answer(Line, [0, 2.3f, 5, 9]));

        // All in one cluster: its label is that of the two.
        CollectionAssert.AreEqual(new[] { 3, 3, 3 }, ClusterMatching.Answer(Line, [2, 100]));
    }

    [TestMethod]
    public void The_linear_classifier_is_at_the_minimum_of_its_loss()
    {
        var random = new Random(4);
        float[] support = [.. Enumerable.Range(0, 12 * 3).Select(_ => (float)(3 * random.Normal()))];
        int[] classes = [.. Enumerable.Range(0, 12).Select(row => row % 3)];
        double[][] weights = LogisticRegression.Fit(new VectorTask(support, 3, classes, []));
        double least = Loss(weights);
        foreach (double[] values in weights)
        {
            for (int i = 0; i < values.Length; i++)
            {
                double kept = values[i];
                foreach (double step in new[] { -0.01, 0.01 })
                {
                    values[i] = kept + step;
                    Assert.IsGreaterThanOrEqualTo(least - 1e-6, Loss(values: weights));
                }

                values[i] = kept;
            }
        }

        Assert.IsLessThan(12 * Math.Log(3), least);

        // The sum of cross-entropies and half of the squared weights without the biases.
        double Loss(double[][] values)
        {
            double sum = values.Sum(row => row[..3].Sum(value => value * value)) / 2;
            for (int row = 0; row < 12; row++)
            {
                double[] logits = [.. values.Select(weight => weight[3] + Enumerable.Range(0, 3).Sum(i => weight[i] * support[(row * 3) + i]))];
                sum += Math.Log(logits.Sum(Math.Exp)) - logits[classes[row]];
            }

            return sum;
        }
    }

    [TestMethod]
    public void All_of_them_tell_far_classes_apart()
    {
        var ml = new MLContext(seed: 1);
        using CactusTransformer learned = ml.Transforms.FeaturizeWithCactus("Learned", "Features", new()
        {
            EmbeddingSize = 4,
            Clusters = 6,
            Partitions = 2,
            Ways = 3,
            QueriesPerClass = 2,
            Steps = 60,
            HiddenUnits = [16],
            FeatureCount = 8,
            LearningRate = 0.01,
            MinimumUsableClusters = 0.5,
        }).Fit(Clusters.Keyed(6, 10, 8, spread: 0.1));
        HandWrittenView support = Clusters.Keyed(3, 3, 8, seed: 5), query = Clusters.Keyed(3, 7, 8, seed: 5);
        using FewShotTransformer other = learned.WithSupport(support);
        IReadOnlyList<ComparedAccuracy> compared = learned.CompareWithBaselines(
            support, query, others: new Dictionary<string, FewShotTransformer> { ["the same"] = other });
        CollectionAssert.AreEqual(
            new[]
            {
                "CACTUs",
                "the same",
                "class means of rows",
                "class means of embeddings",
                "class means of an untrained network",
                "nearest neighbour",
                "linear",
                "perceptron with dropout",
                "cluster matching",
                "from scratch",
            },
            compared.Select(entry => entry.Name).ToArray());
        Assert.AreEqual(compared[0].Accuracy, compared[1].Accuracy);
        foreach (ComparedAccuracy entry in compared)
            Assert.IsGreaterThan(entry.Name == "cluster matching" ? 0.3 : 0.85, entry.Accuracy, entry.Name);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => learned.CompareWithBaselines(support, Clusters.Keyed(4, 2, 8, seed: 5)));
        Assert.AreEqual("Column 'Label' of the queries has the class 'class3', which the support does not have.", exception.Message);
    }
}
