using MLNet.Papers.Codes;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Tests.Codes;

/// <summary>What codes that are vectors are drawn from.</summary>
[TestClass]
public sealed class GaussianMixtureTests
{
    // Shares 1/4 and 3/4; ln N(1; 0, 1) = -1.418939, ln N(1; 3, 2) = -ln 2 - 0.918939 - 0.5 = -2.112086.
    [TestMethod]
    public void The_density_by_hand()
    {
        var mixture = new GaussianMixture(1, 2, [0.25, 0.75], [0, 3], [1, 2]);
        double[] logarithms = new double[2];
        mixture.LogDensities([1], logarithms);
        Assert.AreEqual(Math.Log(0.25) - 1.418939, logarithms[0], 1e-6);
        Assert.AreEqual(Math.Log(0.75) - 2.112086, logarithms[1], 1e-6);
    }

    [TestMethod]
    public void What_was_drawn_from_is_found_again()
    {
        var mixture = new GaussianMixture(2, 2, [0.3, 0.7], [-4, 100, 4, 102], [1, 0.5f, 0.5f, 1]);
        for (int seed = 0; seed < 5; seed++)
        {
            GaussianMixture found = GaussianMixtureFitting.Fit(mixture.Draw(4000, seed), 2, 2, new Random(seed), () => { });
            int[] order = found.Means[0] < found.Means[2] ? [0, 1] : [1, 0];
            for (int component = 0; component < 2; component++)
            {
                int own = order[component];
                Assert.AreEqual(mixture.Shares[component], found.Shares[own], 0.03, $"seed {seed}");
                for (int i = 0; i < 2; i++)
                {
                    Assert.AreEqual(mixture.Means[(component * 2) + i], found.Means[(own * 2) + i], 0.1f, $"seed {seed}");
                    Assert.AreEqual(mixture.Deviations[(component * 2) + i], found.Deviations[(own * 2) + i], 0.1f, $"seed {seed}");
                }
            }
        }
    }

    [TestMethod]
    public void A_code_does_not_depend_on_how_many_are_drawn()
    {
        var mixture = new GaussianMixture(2, 2, [0.3, 0.7], [-4, 100, 4, 102], [1, 0.5f, 0.5f, 1]);
        CollectionAssert.AreEqual(mixture.Draw(100, 3)[..10], mixture.Draw(5, 3));
        CollectionAssert.AreNotEqual(mixture.Draw(5, 4), mixture.Draw(5, 3));
    }

    [TestMethod]
    public void Few_and_equal_codes_give_a_mixture_too()
    {
        Assert.AreEqual(2, GaussianMixtureFitting.Fit([1, 2, 3, 4], 2, 10, new Random(1), () => { }).Components);
        GaussianMixture same = GaussianMixtureFitting.Fit([5, 5, 5, 5], 1, 3, new Random(1), () => { });
        Assert.IsTrue(same.Draw(10, 1).All(code => Math.Abs(code - 5) < 0.1f));
        Assert.IsNull(((IModelRecord)same).FindFault());
    }
}
