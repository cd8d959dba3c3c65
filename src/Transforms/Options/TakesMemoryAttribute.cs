namespace MLNet.Papers;

/// <summary>An option that a training's memory grows with: named where a training is refused because it would take too much.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TakesMemoryAttribute : Attribute
{
}
