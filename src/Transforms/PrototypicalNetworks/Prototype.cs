namespace MLNet.Papers;

/// <summary>What a prototypical network knows of a class: the mean of its embedded examples (Snell, Swersky and Zemel 2017, equation 1).</summary>
/// <param name="ClassName">The class, as text.</param>
/// <param name="Count">How many examples the mean was taken of; 0 for a class that is in the key values but had no example.</param>
/// <param name="Values">M values, M being the length of an embedding; empty for a class without examples.</param>
public sealed record Prototype(string ClassName, long Count, ReadOnlyMemory<float> Values)
{
    /// <summary>The class, the number of examples and the length of the mean.</summary>
    public override string ToString() => FormattableString.Invariant($"{ClassName}: mean of {Count} examples, {Values.Length} values");
}
