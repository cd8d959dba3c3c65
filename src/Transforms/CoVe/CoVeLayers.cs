namespace MLNet.Papers;

/// <summary>Which layers of the encoder make the vector of a token.</summary>
public enum CoVeLayers
{
    /// <summary>The top layer, as published.</summary>
    Last,

    /// <summary>The lowest layer.</summary>
    First,

    /// <summary>All layers one after the other, the lowest first.</summary>
    All,
}
