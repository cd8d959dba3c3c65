namespace MLNet.Papers.Networks;

/// <summary>Embeds rows that lie in memory, in batches.</summary>
internal static class BatchedEmbedding
{
    /// <summary>The mean embedding of each group of rows, summed in double precision.</summary>
    /// <param name="features">Rows of D values.</param>
    /// <param name="groups">For each row its group, from 0.</param>
    /// <param name="groupCount">How many groups there are.</param>
    /// <param name="scorer">The network.</param>
    /// <param name="architecture">Its shape.</param>
    /// <returns>For each group M values, or null if it has no rows; and how many rows it has.</returns>
    public static (float[]?[] Means, long[] Counts) Means(
        float[] features, int[] groups, int groupCount, EmbeddingScorer scorer, INetworkArchitecture architecture)
    {
        int size = architecture.OutputSize;
        double[]?[] sums = new double[groupCount][];
        long[] counts = new long[groupCount];
        ForEachBatch(features, scorer, architecture, (embeddings, first, count) =>
        {
            for (int i = 0; i < count; i++)
            {
                int group = groups[first + i];
                double[] sum = sums[group] ??= new double[size];
                for (int j = 0; j < size; j++)
                    sum[j] += embeddings[(i * size) + j];
                counts[group]++;
            }
        });
        return ([.. sums.Select((sum, group) => sum is null ? null : Array.ConvertAll(sum, value => (float)(value / counts[group])))], counts);
    }

    /// <summary>The embeddings of all rows, row by row.</summary>
    public static float[] All(float[] features, EmbeddingScorer scorer, INetworkArchitecture architecture, Action? check = null)
    {
        int size = architecture.OutputSize;
        float[] all = new float[checked(features.Length / architecture.InputSize * size)];
        ForEachBatch(features, scorer, architecture, (embeddings, first, count) =>
        {
            check?.Invoke();
            embeddings.AsSpan(0, count * size).CopyTo(all.AsSpan(first * size));
        });
        return all;
    }

    private static void ForEachBatch(float[] features, EmbeddingScorer scorer, INetworkArchitecture architecture, Action<float[], int, int> use)
    {
        int inputSize = architecture.InputSize, rows = features.Length / inputSize, capacity = Math.Min(architecture.BatchSize, rows);
        float[] batch = new float[capacity * inputSize], embeddings = new float[capacity * architecture.OutputSize];
        for (int first = 0; first < rows; first += capacity)
        {
            int count = Math.Min(capacity, rows - first);
            Array.Copy(features, first * inputSize, batch, 0, count * inputSize);
            scorer.Embed(batch, count, embeddings);
            use(embeddings, first, count);
        }
    }
}
