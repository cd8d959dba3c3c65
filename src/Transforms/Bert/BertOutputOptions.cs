namespace MLNet.Papers;

/// <summary>What a <see cref="BertTransformer"/> puts out.</summary>
/// <remarks>
/// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019, arXiv:1810.04805, section 5.3. The
/// <see cref="TechniqueOptions.Seed"/> has no effect.
/// </remarks>
public sealed class BertOutputOptions : TechniqueOptions
{
    /// <summary>
    /// How the vectors of the pieces, with those of the marks [CLS] and [SEP], become one vector of the text. Null for what the model says: what its publisher
    /// does, and <see cref="Pooling.Mean"/> where that is not known.
    /// </summary>
    [Defined]
    public Pooling? Pooling { get; set; }

    /// <summary>Whether a text's vector is divided by its length. Null for what the model says: what its publisher does, and false where that is not
    /// known.</summary>
    [AnyValue]
    public bool? Normalize { get; set; }

    /// <summary>Which layers make the vector of a piece.</summary>
    [Defined]
    public BertRepresentation Representation { get; set; } = BertRepresentation.TopLayer;

    /// <summary>The number of the layer for <see cref="BertRepresentation.OneLayer"/>: 0 is the sum of the tables, 1 the first block; at most as many as there
    /// are blocks.</summary>
    [AtLeast(0)]
    public int Layer { get; set; }

    /// <summary>The name of a column that receives the words' vectors, one after the other, as many as the text has words; null for none.</summary>
    [NotBlank]
    public string? TokenVectorsColumnName { get; set; }

    /// <summary>How a word's vector is made of those of its pieces.</summary>
    [Defined]
    public BertWordVector WordVector { get; set; } = BertWordVector.FirstPiece;

    /// <summary>The name of a column that receives the words themselves; null for none.</summary>
    [NotBlank]
    public string? TokensColumnName { get; set; }
}
