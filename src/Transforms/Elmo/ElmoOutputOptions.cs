namespace MLNet.Papers;

/// <summary>What an <see cref="ElmoTransformer"/> puts out.</summary>
/// <remarks>
/// Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, section 3.2. The <see cref="TechniqueOptions.Seed"/> has no effect.
/// </remarks>
public sealed class ElmoOutputOptions : TechniqueOptions
{
    /// <summary>How the tokens' vectors become one vector of the text.</summary>
    [Defined]
    public Pooling Pooling { get; set; } = Pooling.Mean;

    /// <summary>Which layers make the vector of a token.</summary>
    [Defined]
    public ElmoRepresentation Representation { get; set; } = ElmoRepresentation.Mix;

    /// <summary>
    /// The weights of the layers in the mix, from the context-free layer to the top, one more than the language model has layers; taken as they are, so that 0,
    /// 1, 0 is the first layer alone. Null for equal weights that add up to 1. From -1000 to 1000.
    /// </summary>
    [Between(-1000, 1000)]
    public float[]? MixWeights { get; set; }

    /// <summary>The name of a column that receives the tokens' vectors, row by row, as many as the text has tokens; null for none.</summary>
    [NotBlank]
    public string? TokenVectorsColumnName { get; set; }

    /// <summary>The name of a column that receives the tokens themselves; null for none.</summary>
    [NotBlank]
    public string? TokensColumnName { get; set; }
}
