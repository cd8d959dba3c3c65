namespace MLNet.Papers;

/// <summary>What a step of a flow does to a code.</summary>
public enum FlowForm
{
    /// <summary>Moves codes along a direction, the farther the more they are on one side of a plane (equation 10 of the paper).</summary>
    Planar,

    /// <summary>Moves codes to or from a point, the farther the nearer they are to it (equation 14).</summary>
    Radial,
}
