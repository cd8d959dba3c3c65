namespace MLNet.Papers;

/// <summary>Options of <see cref="MaskedWordTransformer"/>.</summary>
/// <remarks>The <see cref="TechniqueOptions.Seed"/> has no effect.</remarks>
public sealed class MaskedWordOptions : TechniqueOptions
{
    /// <summary>
    /// What stands in a text for a hidden word; it is found as it is written, wherever it stands. This transform alone reads it so: elsewhere "[MASK]" in a
    /// text is three words.
    /// </summary>
    [NotBlank]
    public string Mark { get; set; } = "[MASK]";

    /// <summary>K, how many pieces are given for each mark. From 1 to 1000, and at most as many as the model knows.</summary>
    [Between(1, 1000)]
    public int Count { get; set; } = 5;
}
