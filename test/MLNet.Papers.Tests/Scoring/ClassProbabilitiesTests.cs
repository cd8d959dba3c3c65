using MLNet.Papers.Scoring;

namespace MLNet.Papers.Tests.Scoring;

[TestClass]
public sealed class ClassProbabilitiesTests
{
    [TestMethod]
    public void Logits_whose_powers_are_beyond_Single_have_probabilities_too()
    {
        float[] values = [200, 199, -300];
        ClassProbabilities.Softmax(values);
        Assert.AreEqual(1 / (1 + Math.Exp(-1)), values[0], 1e-6);
        Assert.AreEqual(1 / (1 + Math.Exp(1)), values[1], 1e-6);
        Assert.AreEqual(0, values[2], 1e-6);
    }
}
