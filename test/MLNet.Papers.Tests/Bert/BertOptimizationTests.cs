using MLNet.Papers.Bert;
using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Bert;

/// <summary>The published optimizer, one step by hand.</summary>
[TestClass]
public sealed class BertOptimizationTests
{
    [TestMethod]
    public void A_step_is_that_of_the_published_program()
    {
        // w 1, g 0.1, step size 0.1: m 0.01, v 1e-5, m / (√v + 1e-6) = 3.1612; times 0.1.
        double step = 0.1 * 0.01 / (Math.Sqrt(1e-5) + 1e-6);
        Assert.AreEqual(0.31613, step, 1e-5);
        Assert.AreEqual(1 - step, AfterOne(BertOptimization.Settings(weightDecay: 0), [1]), 1e-6);

        // A matrix loses 0.1 · 0.01 of itself besides; a bias, as a gain of a normalization, does not.
        Assert.AreEqual(1 - step - 0.001, AfterOne(BertOptimization.Settings(), [1, 1]), 1e-6);
        Assert.AreEqual(1 - step, AfterOne(BertOptimization.Settings(), [1]), 1e-6);
    }

    private static double AfterOne(AdamSettings settings, long[] shape)
    {
        using DisposeScope scope = NewDisposeScope();
        var weight = new TorchSharp.Modules.Parameter(ones(shape));
        NetworkOptimizer optimizer = settings.Create([("weight", weight)]);
        optimizer.LearningRate = 0.1;
        using Scalar slope = 0.1;
        (weight * slope).sum().backward();
        optimizer.Step();
        return weight.item<float>();
    }
}
