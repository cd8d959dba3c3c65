namespace MLNet.Papers.Networks;

/// <summary>Embeds rows that lie in memory, in batches.</summary>
internal static class BatchedEmbedding
{
    /// <summary>The mean embedding of some rows, summed in double precision.</summary>
    /// <param name="features">Rows of D values.</param>
    /// <param name="members">Which of them; at least one.</param>
    /// <param name="scorer">The network.</param>
    /// <param name="architecture">Its shape.</param>
    public static float[] Mean(float[] features, int[] members, EmbeddingScorer scorer, EmbeddingArchitecture architecture)
    {
        double[] sums = new double[architecture.OutputSize];
        ForEachBatch(features, members, scorer, architecture, (embeddings, _, count) =>
        {
            for (int i = 0; i < count * sums.Length; i++)
                sums[i % sums.Length] += embeddings[i];
        });
        return [.. sums.Select(sum => (float)(sum / members.Length))];
    }

    /// <summary>The embeddings of all rows, row by row.</summary>
    public static float[] All(float[] features, EmbeddingScorer scorer, EmbeddingArchitecture architecture)
    {
        int size = architecture.OutputSize;
        int[] members = [.. Enumerable.Range(0, features.Length / architecture.InputSize)];
        float[] all = new float[checked(members.Length * size)];
        ForEachBatch(features, members, scorer, architecture, (embeddings, first, count) => embeddings.AsSpan(0, count * size).CopyTo(all.AsSpan(first * size)));
        return all;
    }

    private static void ForEachBatch(float[] features, int[] members, EmbeddingScorer scorer, EmbeddingArchitecture architecture, Action<float[], int, int> use)
    {
        int inputSize = architecture.InputSize, capacity = Math.Min(architecture.PreferredBatchSize, Math.Max(members.Length, 1));
        float[] batch = new float[capacity * inputSize], embeddings = new float[capacity * architecture.OutputSize];
        for (int first = 0; first < members.Length; first += capacity)
        {
            int count = Math.Min(capacity, members.Length - first);
            for (int i = 0; i < count; i++)
                features.AsSpan(members[first + i] * inputSize, inputSize).CopyTo(batch.AsSpan(i * inputSize));
            scorer.Embed(batch, count, embeddings);
            use(embeddings, first, count);
        }
    }
}
