namespace MLNet.Papers;

/// <summary>What the recurrent layers are made of.</summary>
public enum JanetCell
{
    /// <summary>The cell with a forget gate alone.</summary>
    Janet,

    /// <summary>Long short-term memory with a forget bias of 1, for comparison.</summary>
    Lstm,

    /// <summary>Long short-term memory whose biases are made for the longest dependency, for comparison.</summary>
    LstmChrono,
}
