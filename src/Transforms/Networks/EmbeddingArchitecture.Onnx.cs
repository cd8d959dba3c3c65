using MLNet.Papers.Onnx;

namespace MLNet.Papers.Networks;

/// <summary>The network in a graph.</summary>
internal sealed partial record EmbeddingArchitecture
{
    /// <summary>Adds the network to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="rows">The input, (B, D).</param>
    /// <param name="weights">The weights.</param>
    /// <returns>The embeddings, (B, M).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue rows, NetworkWeights weights)
    {
        Func<string, OnnxValue> weight = graph.Weights(Weights(), weights);
        OnnxValue activations = rows;
        if (ImageShape is not { } shape)
        {
            for (int layer = 0; layer <= HiddenUnits.Length; layer++)
            {
                activations = graph.Linear(activations, weight($"layers.{layer}.weight"), weight($"layers.{layer}.bias"));
                if (layer < HiddenUnits.Length)
                    activations = graph.Rectifier(activations);
            }

            return activations;
        }

        activations = graph.Reshape(rows, 0, shape.Channels, shape.Height, shape.Width);
        if (Coordinates)
            activations = graph.WithCoordinates(activations, shape, withRadius: false);
        for (int block = 0; block < Blocks; block++)
        {
            string prefix = $"blocks.{block}.";
            shape = shape with { Channels = Filters };
            activations = graph.Convolution(activations, weight($"{prefix}convolution.weight"), weight($"{prefix}convolution.bias"), stride: 1,
                padding: ConvolutionModule.KernelSize / 2);
            activations = graph.Normalize(activations, Normalization, Groups, shape, name => weight($"{prefix}normalization.{name}"));
            activations = graph.Rectifier(graph.MaximumPooling(activations));
            shape = shape with { Height = shape.Height / 2, Width = shape.Width / 2 };
        }

        return graph.Flatten(activations);
    }
}
