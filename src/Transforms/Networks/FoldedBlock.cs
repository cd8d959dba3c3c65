namespace MLNet.Papers.Networks;

/// <summary>The convolution of a block with the batch normalization after it folded in, if there is one: one multiplication and one addition a filter
/// less.</summary>
/// <param name="Weights">(F, C, 3, 3), C with the coordinates.</param>
/// <param name="Biases">F values.</param>
internal sealed record FoldedBlock(float[] Weights, float[] Biases)
{
    /// <summary>Folds a block of a network.</summary>
    public static FoldedBlock Of(EmbeddingArchitecture architecture, NetworkWeights weights, int block) =>
        Of(weights, $"blocks.{block}.convolution", architecture.Normalization == Normalization.None ? null : $"blocks.{block}.normalization");

    /// <summary>Folds the batch normalization of this name, if there is one, into the convolution of that name.</summary>
    public static FoldedBlock Of(NetworkWeights weights, string convolutionName, string? normalizationName)
    {
        float[] convolution = weights[$"{convolutionName}.weight"], bias = weights[$"{convolutionName}.bias"];
        if (normalizationName is null)
            return new FoldedBlock(convolution, bias);
        float[] Weight(string name) => weights[$"{normalizationName}.{name}"];
        float[] gain = Weight("weight"), shift = Weight("bias");
        float[] mean = Weight("running_mean"), variance = Weight("running_var");
        int filters = bias.Length, filterSize = convolution.Length / filters;
        float[] foldedWeights = new float[convolution.Length], foldedBiases = new float[filters];
        for (int filter = 0; filter < filters; filter++)
        {
            double scale = gain[filter] / Math.Sqrt(variance[filter] + ChannelNormalization.Epsilon);
            foldedBiases[filter] = (float)(((bias[filter] - mean[filter]) * scale) + shift[filter]);
            for (int i = filter * filterSize; i < (filter + 1) * filterSize; i++)
                foldedWeights[i] = (float)(convolution[i] * scale);
        }

        return new FoldedBlock(foldedWeights, foldedBiases);
    }
}
