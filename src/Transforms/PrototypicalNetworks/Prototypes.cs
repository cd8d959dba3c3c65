using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.PrototypicalNetworks;

/// <summary>Equations 1 and 2 of Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, arXiv:1703.05175.</summary>
/// <remarks>W is the number of ways, S of shots, Q of queries in all, M the length of an embedding.</remarks>
internal static class Prototypes
{
    /// <summary>Equation 1: the prototype of a class is the mean of its embedded support examples.</summary>
    /// <param name="support">(W × S, M), the shots of a class side by side.</param>
    /// <param name="ways">W.</param>
    /// <returns>(W, M).</returns>
    public static Tensor Compute(Tensor support, int ways) =>
        support.view(ways, -1, support.shape[1]).mean([1]);  // (W * S, M) -> (W, S, M) -> (W, M)

    /// <summary>The exponents of equation 2: minus the distances, up to a constant for each query that the softmax removes.</summary>
    /// <param name="queries">(Q, M).</param>
    /// <param name="prototypes">(W, M).</param>
    /// <param name="distance">The distance d.</param>
    /// <returns>(Q, W).</returns>
    public static Tensor Logits(Tensor queries, Tensor prototypes, Distance distance) => distance switch
    {
        Distance.SquaredEuclidean => SquaredEuclideanLogits(queries, prototypes),
        Distance.Cosine => nn.functional.normalize(queries, dim: 1).matmul(nn.functional.normalize(prototypes, dim: 1).t()).Plus(-1),
        _ => throw new ArgumentOutOfRangeException(nameof(distance)),
    };

    /// <summary>Equation 2: log p(y = k | x) in nats.</summary>
    public static Tensor LogProbabilities(Tensor queries, Tensor prototypes, Distance distance) =>
        nn.functional.log_softmax(Logits(queries, prototypes, distance), dim: 1);

    // Section 2.3: -|z - c|^2 = 2 c·z - |c|^2 - |z|^2, and |z|^2 is the same for all classes. Distances do not change when everything is
    // moved by the mean prototype, and close to the origin the difference of squares keeps its digits. For the same reason no gradient flows through the mean.
    private static Tensor SquaredEuclideanLogits(Tensor queries, Tensor prototypes)
    {
        Tensor centre = prototypes.detach().mean([0], keepdim: true);  // (1, M)
        Tensor centred = prototypes - centre;
        return addmm(centred.square().sum(dim: 1), queries - centre, centred.t(), beta: -1, alpha: 2);  // (Q, M) x (M, W) -> (Q, W)
    }
}
