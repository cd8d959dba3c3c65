namespace MLNet.Papers;

/// <summary>Options of <see cref="ElmoTaggerTrainer"/>.</summary>
/// <remarks>Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, section 3.2.</remarks>
public sealed class ElmoTaggerOptions : LayerMixOptions
{
    /// <summary>
    /// How many layers of equal length a token's vector is made of, whose mix is learned: one more than the language model's
    /// <see cref="ElmoTransformer.LayerCount"/> over <see cref="ElmoRepresentation.AllLayers"/>. With 1 there is nothing to mix, and the vectors may come from
    /// anywhere. From 1 to 64.
    /// </summary>
    [Between(1, 64)]
    public int Layers { get; set; } = 1;
}
