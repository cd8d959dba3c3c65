namespace MLNet.Papers.Tests.Contract;

/// <summary>The point of the contract that a check holds; 21 is for networks that are written as ONNX models, and what no point says is the style guide's,
/// section 7.1.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PointAttribute(int number) : Attribute
{
    /// <summary>Not one of the points.</summary>
    public const int StyleGuide = 0;

    public int Number { get; } = number;
}
