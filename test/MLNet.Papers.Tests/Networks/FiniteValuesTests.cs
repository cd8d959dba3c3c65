using MLNet.Papers.Networks;

namespace MLNet.Papers.Tests.Networks;

[TestClass]
public sealed class FiniteValuesTests
{
    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    [DataRow(float.NegativeInfinity)]
    public void A_value_that_is_not_finite_is_found_at_every_place_of_every_length(float bad)
    {
        for (int length = 1; length <= 150; length++)
        {
            for (int place = 0; place < length; place++)
            {
                float[] values = new float[length];
                values[place] = bad;
                Assert.IsFalse(FiniteValues.AreAll(values), $"{bad} at {place} of {length}.");
            }
        }
    }

    [TestMethod]
    public void Finite_values_of_every_size_and_none_at_all_are_finite()
    {
        float[] kinds = [0, -0f, 1, -1, float.MaxValue, float.MinValue, float.Epsilon, -float.Epsilon];
        for (int length = 0; length <= 150; length++)
            Assert.IsTrue(FiniteValues.AreAll([.. Enumerable.Range(0, length).Select(i => kinds[i % kinds.Length])]), $"{length} values.");
    }

    [TestMethod]
    public void What_lies_behind_the_values_is_not_looked_at()
    {
        float[] values = [1, 2, float.NaN];
        Assert.IsTrue(FiniteValues.AreAll(values.AsSpan(0, 2)));
    }
}
