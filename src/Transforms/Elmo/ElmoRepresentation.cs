namespace MLNet.Papers;

/// <summary>Which layers of the language model make the vector of a token.</summary>
public enum ElmoRepresentation
{
    /// <summary>Their weighted sum (equation 1 of Peters et al. 2018).</summary>
    Mix,

    /// <summary>All of them one after the other, from the context-free layer to the top.</summary>
    AllLayers,
}
