namespace MLNet.Papers.Tests.Contract;

/// <summary>The point of the contract that a check holds; points that the list of twenty does not have are those of the style guide, section 7.1.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PointAttribute(int number) : Attribute
{
    /// <summary>Not one of the twenty.</summary>
    public const int StyleGuide = 0;

    public int Number { get; } = number;
}
