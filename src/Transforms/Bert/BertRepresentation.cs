namespace MLNet.Papers;

/// <summary>Which layers of a BERT make the vector of a piece.</summary>
public enum BertRepresentation
{
    /// <summary>The top layer.</summary>
    TopLayer,

    /// <summary>The layer that <see cref="BertOutputOptions.Layer"/> names.</summary>
    OneLayer,

    /// <summary>The last four layers one after the other, the lowest first; all blocks, where there are fewer.</summary>
    LastFourLayers,

    /// <summary>All layers one after the other, from the sum of the tables to the top.</summary>
    AllLayers,
}
