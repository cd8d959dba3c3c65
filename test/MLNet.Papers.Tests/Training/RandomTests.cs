using Microsoft.ML;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Training;

/// <summary>torch's generator belongs to the process: whoever draws from it puts it back.</summary>
[TestClass]
public sealed class RandomTests : TensorTests
{
    [TestMethod]
    public void A_scope_seeds_the_generator_and_puts_it_back()
    {
        random.manual_seed(3);
        rand(5);
        byte[] before = State();
        float[] first, second;
        using (new InitialWeights(7))
            first = rand(4).data<float>().ToArray();
        using (new InitialWeights(7))
            second = rand(4).data<float>().ToArray();
        CollectionAssert.AreEqual(first, second);
        CollectionAssert.AreEqual(before, State());
        using (new InitialWeights(8))
            CollectionAssert.AreNotEqual(first, rand(4).data<float>().ToArray());
    }

    [TestMethod]
    public void A_fit_leaves_the_generator_as_it_found_it()
    {
        byte[] before = State();
        using PrototypicalNetworkTransformer model = Clusters.Fit(new MLContext(seed: 1), Clusters.Keyed(3, 6, 3));
        CollectionAssert.AreEqual(before, State());
    }

    [TestMethod]
    public void A_fit_that_fails_leaves_the_generator_as_it_found_it()
    {
        byte[] before = State();
        PrototypicalNetworkOptions thrower = Clusters.Quick();
        thrower.Progress = new ProgressList(_ => throw new TimeoutException());
        Assert.ThrowsExactly<TimeoutException>(() => Clusters.Fit(new MLContext(seed: 1), Clusters.Keyed(3, 6, 3), thrower));
        CollectionAssert.AreEqual(before, State());
        PrototypicalNetworkOptions diverging = Clusters.Quick();
        diverging.LearningRate = 1e30;
        Assert.ThrowsExactly<InvalidOperationException>(() => Clusters.Fit(new MLContext(seed: 1), Clusters.Keyed(3, 6, 3), diverging));
        CollectionAssert.AreEqual(before, State());
    }

    [TestMethod]
    public void A_fit_does_not_depend_on_what_was_drawn_before()
    {
        float[] first = Weights();
        rand(17);
        CollectionAssert.AreEqual(first, Weights());

        static float[] Weights()
        {
            using PrototypicalNetworkTransformer model = Clusters.Fit(new MLContext(seed: 1), Clusters.Keyed(3, 6, 3));
            return model.Weights["layers.0.weight"];
        }
    }

    // Also the prototypes, and the choice of the best weights by a validation whose losses are close together.
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void The_same_seed_gives_the_same_bits_wherever_the_data_lies(bool isImage)
    {
        PrototypicalNetworkOptions options = Clusters.Quick(episodes: 10);
        if (isImage)
            (options.ImageShape, options.Filters, options.Blocks, options.AffineJitter) = (new ImageShape(1, 5, 5), 3, 1, 1);
        (options.ValidationFraction, options.ValidationInterval, options.ValidationEpisodes, options.LearningRate) = (0.5, 1, 3, 1e-6);
        float[]? expected = null;
        var between = new List<byte[]>();
        for (int run = 0; run < 10; run++)
        {
            between.Add(new byte[8 * (run % 7)]);
            using PrototypicalNetworkTransformer model = Clusters.Fit(new MLContext(seed: 1), Clusters.Keyed(6, 7, 25, spread: 0.5), options);
            float[] values =
            [
                .. model.Architecture.Weights().SelectMany(weight => model.Weights[weight.Name]),
                .. model.Prototypes.SelectMany(prototype => prototype.Values.ToArray()),
            ];
            expected ??= values;
            CollectionAssert.AreEqual(expected, values, $"run {run}");
        }

        GC.KeepAlive(between);
    }

    [TestMethod]
    public void A_step_has_a_generator_of_its_own()
    {
        Assert.AreEqual(StepRandom.Create(1, 5).Next(), StepRandom.Create(1, 5).Next());
        int[] draws = [.. from seed in Enumerable.Range(-5, 10) from step in Enumerable.Range(-5, 100) select StepRandom.Create(seed, step).Next()];
        // Of 1000 draws from 2^31 two are equal with probability 1000^2 / 2^32 = 0.0002.
        Assert.HasCount(1000, draws.Distinct().ToArray());
        // The mean of 1000 even draws is within 4 * 0.289 / sqrt(1000) = 0.037 of the middle.
        Assert.AreEqual(0.5, draws.Average(draw => (double)draw / int.MaxValue), 0.037);
    }

    private static byte[] State() => random.get_rng_state().data<byte>().ToArray();
}
