namespace MLNet.Papers;

/// <summary>How far an embedding z is from a prototype c.</summary>
/// <remarks>
/// Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, section 2.7: squared Euclidean distance is the better one.
/// </remarks>
public enum Distance
{
    /// <summary>‖z − c‖², without root or factor; prototypes are class means (equation 1).</summary>
    SquaredEuclidean,

    /// <summary>1 − z·c / (‖z‖ ‖c‖), from 0 to 2. An embedding or prototype of length 0 has distance 1 from everything.</summary>
    Cosine,
}
