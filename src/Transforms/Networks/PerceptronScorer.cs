namespace MLNet.Papers.Networks;

/// <summary>The scoring form of <see cref="PerceptronModule"/> on a CPU: fused layers, for small work on the calling thread and for large batches in
/// parallel.</summary>
/// <remarks>For a few rows a call into torch costs more than the arithmetic, and its thread pool makes latency depend on what else the machine does.</remarks>
internal sealed class PerceptronScorer(EmbeddingArchitecture architecture, NetworkWeights weights) : EmbeddingScorer(architecture)
{
    private readonly FusedPerceptron _layers = new(
        architecture.InputSize, [.. Enumerable.Range(0, architecture.HiddenUnits.Length + 1).Select(layer =>
            (weights[$"layers.{layer}.weight"], weights[$"layers.{layer}.bias"]))]);

    public override void Embed(float[] rows, int count, float[] embeddings) => _layers.Run(rows, count, embeddings);

    /// <summary>Nothing here is native.</summary>
    public override void Dispose()
    {
    }
}
