namespace MLNet.Papers;

/// <summary>What a <see cref="CoVeTransformer"/> puts out.</summary>
/// <remarks>
/// McCann et al., "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107, section 4. The <see cref="TechniqueOptions.Seed"/> has no
/// effect.
/// </remarks>
public sealed class CoVeOutputOptions : TechniqueOptions
{
    /// <summary>How the tokens' vectors become one vector of the text.</summary>
    [Defined]
    public Pooling Pooling { get; set; } = Pooling.Mean;

    /// <summary>Which layers of the encoder make the vector of a token.</summary>
    [Defined]
    public CoVeLayers OutputLayers { get; set; } = CoVeLayers.Last;

    /// <summary>Whether the word's own vector stands before those of the layers, as in the paper: [w; CoVe(w)], equation 6.</summary>
    [AnyValue]
    public bool IncludeWordVectors { get; set; } = true;

    /// <summary>The name of a column that receives the tokens' vectors, row by row, as many as the text has tokens; null for none.</summary>
    [NotBlank]
    public string? TokenVectorsColumnName { get; set; }

    /// <summary>The name of a column that receives the tokens themselves; null for none.</summary>
    [NotBlank]
    public string? TokensColumnName { get; set; }
}
