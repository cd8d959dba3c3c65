using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.PrototypicalNetworks;

/// <summary>J of Algorithm 1 of Snell, Swersky and Zemel (2017): the mean negative log-probability, in nats, of the queries' own classes.</summary>
/// <remarks>W is the number of ways, S of shots, Q of queries a class, N = S + Q, M the length of an embedding.</remarks>
internal static class EpisodeLoss
{
    /// <summary>The loss of an episode.</summary>
    /// <param name="support">(W × S, M), the shots of a class side by side.</param>
    /// <param name="queries">(W × Q, M), the queries of a class side by side.</param>
    /// <param name="ways">W.</param>
    /// <param name="distance">The distance d of equation 2.</param>
    /// <param name="temperature">What distances are divided by; 1 in the paper.</param>
    public static Tensor Of(Tensor support, Tensor queries, int ways, Distance distance, double temperature)
    {
        Tensor logits = Prototypes.Logits(queries, Prototypes.Compute(support, ways), distance);  // (W * Q, W)
        return nn.functional.cross_entropy(Soften(logits, temperature), Classes(ways, queries.shape[0] / ways, logits.device));
    }

    /// <summary>
    /// The mean of the N losses in which S neighbouring examples of each class, in a ring, are support and the other Q are queries. Not in the paper.
    /// </summary>
    /// <remarks>The parameters are those of <see cref="Of"/>.</remarks>
    public static Tensor InTurn(Tensor support, Tensor queries, int ways, Distance distance, double temperature)
    {
        int shots = (int)support.shape[0] / ways, examples = shots + ((int)queries.shape[0] / ways);
        long size = support.shape[1];
        Tensor all = cat([support.view(ways, shots, size), queries.view(ways, -1, size)], dim: 1);  // (W, N, M)

        // In turn t the support is t, t + 1, ..., t + S - 1, counted in a ring of N.
        Tensor sums = all;
        for (int shot = 1; shot < shots; shot++)
            sums = sums + all.roll(-shot, 1);
        Tensor prototypes = sums.Over(shots).transpose(0, 1).reshape(examples * ways, size);  // (W, N, M) -> (N * W, M)
        Tensor logits = Prototypes.Logits(all.reshape(ways * examples, size), prototypes, distance);  // (W * N, N * W)

        // For every example the turns in which it is a query: Q blocks of W logits each.
        long[] blocks = [.. from way in Enumerable.Range(0, ways)
                            from example in Enumerable.Range(0, examples)
                            from turn in Enumerable.Range(0, examples)
                            where (example - turn + examples) % examples >= shots
                            select (((long)way * examples) + example) * examples + turn];
        Tensor asked = logits.view(-1, ways).index_select(0, tensor(blocks).to(logits.device));  // (W * N * Q, W)
        return nn.functional.cross_entropy(Soften(asked, temperature), Classes(ways, (long)examples * (examples - shots), logits.device));
    }

    private static Tensor Soften(Tensor logits, double temperature) => temperature == 1 ? logits : logits.Over(temperature);

    // 0, ..., 0, 1, ..., 1, ..., W - 1.
    private static Tensor Classes(int ways, long each, Device device) => arange(ways, ScalarType.Int64, device).repeat_interleave(each);
}
