namespace MLNet.Papers;

/// <summary>Dimensions above zero that multiply to a possible vector length.</summary>
internal sealed class PositiveDimensionsAttribute : RuleAttribute
{
    public override string Requirement => "null or three numbers of at least 1";

    public override IEnumerable<object> BrokenBy(Type type) =>
        [new ImageShape(0, 28, 28), new ImageShape(1, -1, 28), new ImageShape(1, 28, 0), new ImageShape(1, 1 << 20, 1 << 20)];

    private protected override bool Allows(object value) =>
        value is ImageShape { Channels: >= 1, Height: >= 1, Width: >= 1 } shape && (Int128)shape.Channels * shape.Height * shape.Width <= 1 << 24;
}
