using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Networks;

/// <summary>Normalization over groups of channels: Wu and He, "Group Normalization", ECCV 2018, arXiv:1803.08494.</summary>
[TestClass]
public sealed class NormalizationTests
{
    // Groups (1, 3) and (2, 6): means 2 and 4, variances 1 and 4, so -1 / sqrt(1 + 1e-5) and -2 / sqrt(4 + 1e-5).
    [TestMethod]
    public void A_group_is_two_neighbouring_channels()
    {
        float[] values = Normalize(Normalization.Group, groups: 2, [1, 3, 2, 6], channels: 4);
        Network.AssertClose([-0.999995f, 0.999995f, -0.99999875f, 0.99999875f], values, 1e-6);
    }

    [TestMethod]
    [DataRow(Normalization.Group, 3)]
    [DataRow(Normalization.Layer, 1)]
    [DataRow(Normalization.Instance, 6)]
    public void Values_are_those_of_the_formula(Normalization normalization, int groups)
    {
        float[] input = Network.Rows(2, 6 * 5);
        Network.AssertClose(Formula(input, rows: 2, groups), Normalize(normalization, groups: 3, input, channels: 6), 1e-5);
    }

    [TestMethod]
    [DataRow(Normalization.Group)]
    [DataRow(Normalization.Layer)]
    [DataRow(Normalization.Instance)]
    public void An_image_does_not_depend_on_the_others_of_its_batch(Normalization normalization)
    {
        float[] rows = Network.Rows(3, 6 * 5);
        float[] alone = Normalize(normalization, 3, rows[..30], 6), together = Normalize(normalization, 3, rows, 6);
        Network.AssertClose(alone, together[..30], 1e-6);
    }

    // One bit is all that batch normalization leaves of two values, whatever they are: why it fails with two images a batch.
    [TestMethod]
    public void Batch_normalization_of_two_values_is_plus_or_minus_one()
    {
        float[] values = Normalize(Normalization.Batch, 1, [0.3f, 7, -2, 6.5f], channels: 2);
        Network.AssertClose([1, 1, -1, -1], values, 1e-3);
    }

    [TestMethod]
    public void Scaling_and_shifting_a_group_changes_nothing()
    {
        float[] input = Network.Rows(1, 4 * 9), moved = [.. input.Select(value => (3 * value) + 5)];
        Network.AssertClose(Normalize(Normalization.Group, 2, input, 4), Normalize(Normalization.Group, 2, moved, 4), 1e-4);
    }

    // A constant group has no variance: its values are the shift, 0 at first.
    [TestMethod]
    public void A_constant_group_gives_zero()
    {
        foreach (float value in Normalize(Normalization.Group, 2, [5, 5, -1, -1], channels: 4))
            Assert.AreEqual(0, value, 1e-4);
    }

    [TestMethod]
    public void No_normalization_has_no_weights()
    {
        Assert.HasCount(0, Weights(Normalization.None));
        Assert.HasCount(4, Weights(Normalization.Batch));
        Assert.HasCount(2, Weights(Normalization.Group));

        static LayerWeight[] Weights(Normalization normalization) => [.. new ChannelNormalization(normalization).Weights(new(4, 1, 1))];
    }

    private static float[] Normalize(Normalization normalization, int groups, float[] values, int channels)
    {
        using DisposeScope scope = NewDisposeScope();
        int height = values.Length == channels || normalization == Normalization.Batch ? 1 : values.Length % (channels * 9) == 0 ? 9 : 5;
        using var module = new LayeredModule(
            new LayeredArchitecture { Input = new(channels, height, 1), Layers = [new ChannelNormalization(normalization, groups)] });
        return module.forward(tensor(values).view(-1, channels * height)).detach().contiguous().data<float>().ToArray();
    }

    private static float[] Formula(float[] input, int rows, int groups)
    {
        int length = input.Length / rows / groups;
        return [.. input.Chunk(length).SelectMany(group =>
        {
            double mean = group.Average(), variance = group.Average(value => (value - mean) * (value - mean));
            return group.Select(value => (float)((value - mean) / Math.Sqrt(variance + 1e-5)));
        })];
    }
}
