namespace MLNet.Papers.Networks;

/// <summary>The convolution of a block with the batch normalization after it folded in, if there is one: one multiplication and one addition a filter less.</summary>
/// <param name="Weights">(F, C, 3, 3), C with the coordinates.</param>
/// <param name="Biases">F values.</param>
internal sealed record FoldedBlock(float[] Weights, float[] Biases)
{
    /// <summary>Folds a block of a network.</summary>
    public static FoldedBlock Of(EmbeddingArchitecture architecture, NetworkWeights weights, int block)
    {
        float[] Weight(string name) => weights[$"blocks.{block}.{name}"];
        float[] convolution = Weight("convolution.weight"), bias = Weight("convolution.bias");
        if (architecture.Normalization == Normalization.None)
            return new FoldedBlock(convolution, bias);
        float[] gain = Weight("normalization.weight"), shift = Weight("normalization.bias");
        float[] mean = Weight("normalization.running_mean"), variance = Weight("normalization.running_var");
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
