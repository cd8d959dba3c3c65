using static TorchSharp.torch;

namespace MLNet.Papers.Texts;

/// <summary>
/// Cross-entropy of words over a sample of the others (Jean et al., "On Using Very Large Target Vocabulary for Neural Machine Translation", ACL 2015).
/// </summary>
/// <param name="sampler">Draws the others.</param>
/// <param name="samples">S, how many are drawn for a batch.</param>
internal sealed class SampledSoftmax(LogUniformSampler sampler, int samples)
{
    // As good as no chance at all, and no infinity in the gradient.
    private const float Impossible = -1e9f;

    /// <summary>The mean loss of N predictions.</summary>
    /// <param name="states">(N, P).</param>
    /// <param name="targets">N words.</param>
    /// <param name="weight">(V, P).</param>
    /// <param name="bias">(V).</param>
    /// <param name="random">Where chance comes from.</param>
    public Tensor Loss(Tensor states, long[] targets, Tensor weight, Tensor bias, Random random)
    {
        (int[] others, long tries) = sampler.Draw(random, samples);
        long[] rows = [.. targets, .. others.Select(rank => (long)rank)];
        float[] corrections = new float[rows.Length];
        var places = new Dictionary<long, int>(samples);
        for (int i = 0; i < others.Length; i++)
            places.Add(others[i], i);
        var hits = new List<long>();
        for (int i = 0; i < rows.Length; i++)
        {
            corrections[i] = (float)-Math.Log(sampler.ExpectedCount((int)rows[i], tries));
            if (i < targets.Length && places.TryGetValue(rows[i], out int place))
                hits.Add(((long)i * samples) + place);
        }

        Device device = states.device;
        Tensor index = tensor(rows).to(device);
        Tensor chosen = weight.index_select(0, index), offsets = bias.index_select(0, index) + tensor(corrections).to(device);  // (N + S, P), (N + S)
        int count = targets.Length;
        Tensor right = (states * chosen.narrow(0, 0, count)).sum(1) + offsets.narrow(0, 0, count);
        Tensor wrong = nn.functional.linear(states, chosen.narrow(0, count, samples), offsets.narrow(0, count, samples));  // (N, S)
        if (hits.Count > 0)
            wrong = wrong.flatten().index_fill(0, tensor(hits.ToArray()).to(device), Impossible).view(count, samples);
        return (logaddexp(right, wrong.logsumexp(1)) - right).mean();
    }
}
