using System.Numerics.Tensors;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Networks;

/// <summary>The class probabilities of networks, averaged: q(x) = (1/G) Σ_k softmax(z_k(x)), z_k being the logits of network k.</summary>
/// <param name="architecture">The shape of each network.</param>
/// <param name="networks">The networks.</param>
internal sealed class ProbabilityScorer(INetworkArchitecture architecture, IReadOnlyList<EmbeddingScorer> networks) : EmbeddingScorer(architecture)
{
    public override void Embed(float[] rows, int count, float[] embeddings)
    {
        int values = count * OutputSize;
        Probabilities(networks[0], embeddings);
        if (networks.Count == 1)
            return;
        float[] others = System.Buffers.ArrayPool<float>.Shared.Rent(values);
        foreach (EmbeddingScorer network in networks.Skip(1))
        {
            Probabilities(network, others);
            TensorPrimitives.Add(embeddings.AsSpan(0, values), others.AsSpan(0, values), embeddings.AsSpan(0, values));
        }

        TensorPrimitives.Divide(embeddings.AsSpan(0, values), networks.Count, embeddings.AsSpan(0, values));
        System.Buffers.ArrayPool<float>.Shared.Return(others);

        void Probabilities(EmbeddingScorer network, float[] target)
        {
            network.Embed(rows, count, target);
            for (int row = 0; row < count; row++)
                ClassProbabilities.Softmax(target.AsSpan(row * OutputSize, OutputSize));
        }
    }

    public override bool IsNative => networks.Any(network => network.IsNative);

    public override void Dispose()
    {
        foreach (EmbeddingScorer network in networks)
            network.Dispose();
    }
}
