namespace MLNet.Papers.Tests.Options;

[TestClass]
public sealed class RuleTests
{
    [TestMethod]
    public void At_least_allows_the_bound_and_what_is_above()
    {
        var rule = new AtLeastAttribute(2);
        AssertAllows(rule, 2, 3, int.MaxValue, 2f, 2d, 2L, null);
        AssertForbids(rule, 1, 0, -5, 1.999, double.NaN, float.NaN, double.PositiveInfinity, double.NegativeInfinity);
        Assert.AreEqual("at least 2", rule.Requirement);
    }

    [TestMethod]
    public void Greater_than_does_not_allow_the_bound()
    {
        var rule = new GreaterThanAttribute(0.5);
        AssertAllows(rule, 0.5000001, 1, float.MaxValue, null);
        AssertForbids(rule, 0.5, 0, double.NaN, double.PositiveInfinity);
        Assert.AreEqual("greater than 0.5", rule.Requirement);
    }

    [TestMethod]
    public void Between_allows_both_bounds()
    {
        var rule = new BetweenAttribute(0, 0.9);
        AssertAllows(rule, 0, 0.9, 0.5f, null);
        AssertForbids(rule, -0.0001, 0.9001, 1, double.NaN, double.PositiveInfinity);
        Assert.AreEqual("from 0 to 0.9", rule.Requirement);
    }

    [TestMethod]
    public void A_rule_on_a_collection_speaks_of_each_element()
    {
        var rule = new BetweenAttribute(1, 10);
        Assert.IsNull(rule.FindViolation(Array.Empty<int>()));
        Assert.IsNull(rule.FindViolation(new[] { 1, 10 }));
        Assert.AreEqual(11, rule.FindViolation(new[] { 1, 11, 12 }));
        Assert.AreEqual(0, rule.FindViolation(new List<int> { 5, 0 }));
    }

    [TestMethod]
    public void Defined_allows_the_values_of_an_enumeration()
    {
        var rule = new DefinedAttribute();
        AssertAllows(rule, Distance.SquaredEuclidean, Distance.Cosine, null);
        AssertForbids(rule, (Distance)2, (Distance)(-1));
        Assert.AreEqual("one of the enumeration's values", rule.Requirement);
    }

    [TestMethod]
    public void Not_blank_allows_a_text_that_can_be_seen()
    {
        var rule = new NotBlankAttribute();
        AssertAllows(rule, "x", " x ", null);
        AssertForbids(rule, "", " ", "\t\n");
        Assert.AreEqual("null or a text that is not blank", rule.Requirement);
    }

    [TestMethod]
    public void A_positive_time_is_above_zero()
    {
        var rule = new PositiveTimeAttribute();
        AssertAllows(rule, TimeSpan.FromTicks(1), TimeSpan.MaxValue, null);
        AssertForbids(rule, TimeSpan.Zero, TimeSpan.FromTicks(-1));
        Assert.AreEqual("greater than 00:00:00", rule.Requirement);
    }

    [TestMethod]
    public void An_image_has_a_size_that_a_vector_can_have()
    {
        var rule = new PositiveDimensionsAttribute();
        AssertAllows(rule, new ImageShape(1, 1, 1), new ImageShape(3, 84, 84), new ImageShape(1, 1 << 12, 1 << 12), null);
        AssertForbids(
            rule, new ImageShape(0, 1, 1), new ImageShape(1, 0, 1), new ImageShape(1, 1, 0), new ImageShape(-1, -1, 1),
            new ImageShape(1, 1 << 12, (1 << 12) + 1));
        // Products that leave little or nothing in 64 bits: 2^64, and 2^64 + 2^22.
        AssertForbids(rule, new ImageShape(16, 1 << 30, 1 << 30), new ImageShape(14449, 304384145, 1 << 22));
    }

    [TestMethod]
    public void Any_value_is_any_value() => AssertAllows(new AnyValueAttribute(), 1, "", double.NaN, null);

    [TestMethod]
    public void The_values_that_a_rule_says_it_forbids_are_forbidden()
    {
        (RuleAttribute Rule, Type Type)[] cases =
        [
            (new AtLeastAttribute(1), typeof(int)), (new AtLeastAttribute(1), typeof(int?)), (new AtLeastAttribute(0.5), typeof(double)),
            (new GreaterThanAttribute(0), typeof(double?)), (new GreaterThanAttribute(0), typeof(float)), (new GreaterThanAttribute(3), typeof(int)),
            (new BetweenAttribute(0, 0.9), typeof(double)), (new BetweenAttribute(1, 65536), typeof(int[])), (new BetweenAttribute(1, 8), typeof(int)),
            (new DefinedAttribute(), typeof(Distance)), (new NotBlankAttribute(), typeof(string)), (new PositiveTimeAttribute(), typeof(TimeSpan?)),
            (new PositiveDimensionsAttribute(), typeof(ImageShape?)),
        ];
        foreach ((RuleAttribute rule, Type type) in cases)
        {
            object[] broken = [.. rule.BrokenBy(type)];
            Assert.IsNotEmpty(broken, rule.GetType().Name);
            AssertForbids(rule, broken);
            Type expected = Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;
            Assert.IsTrue(broken.All(value => value.GetType() == expected), rule.GetType().Name);
        }
    }

    private static void AssertAllows(RuleAttribute rule, params object?[] values)
    {
        foreach (object? value in values)
            Assert.IsNull(rule.FindViolation(value), $"{rule.GetType().Name} forbids {value}.");
    }

    private static void AssertForbids(RuleAttribute rule, params object[] values)
    {
        foreach (object value in values)
            Assert.AreEqual(value, rule.FindViolation(value), $"{rule.GetType().Name} allows {value}.");
    }
}
