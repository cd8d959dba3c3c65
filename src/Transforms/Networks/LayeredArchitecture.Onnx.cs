using MLNet.Papers.Onnx;

namespace MLNet.Papers.Networks;

/// <summary>The network in a graph.</summary>
internal sealed partial record LayeredArchitecture
{
    /// <summary>Adds the network to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="rows">The input, (B, D).</param>
    /// <param name="weights">The weights.</param>
    /// <returns>The output, (B, M).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue rows, NetworkWeights weights)
    {
        Func<string, OnnxValue> weight = graph.Weights(Weights(), weights);
        OnnxValue activations = rows;
        bool areRows = true;
        foreach ((int index, (Layer layer, ImageShape input)) in Steps().Index())
        {
            // Linear layers and rectifiers work on rows; the others on images.
            bool takesRows = layer.Kind == LayerKind.Dense || (areRows && layer.Kind == LayerKind.Rectifier);
            if (areRows && !takesRows)
                activations = graph.Reshape(activations, 0, input.Channels, input.Height, input.Width);
            else if (!areRows && takesRows)
                activations = graph.Flatten(activations);
            areRows = takesRows;
            activations = ToOnnx(graph, layer, input, activations, name => weight($"layers.{index}.{name}"));
        }

        return areRows ? activations : graph.Flatten(activations);
    }

    private static OnnxValue ToOnnx(OnnxGraph graph, Layer layer, ImageShape input, OnnxValue activations, Func<string, OnnxValue> weight)
    {
        int k = layer.KernelSize, stride = layer.Stride;
        switch (layer.Kind)
        {
            case LayerKind.Convolution:
                OnnxValue seen = layer.Coordinates ? graph.WithCoordinates(activations, input, layer.WithRadius) : activations;
                return graph.Convolution(seen, weight("weight"), weight("bias"), stride, padding: k / 2);
            case LayerKind.Deconvolution:
                int padding = (k - stride + 1) / 2;
                return graph.Deconvolution(activations, weight("weight"), weight("bias"), stride, padding, extra: (2 * padding) - (k - stride));
            case LayerKind.Dense:
                return graph.Linear(activations, weight("weight"), weight("bias"));
            case LayerKind.Normalization:
                return graph.Normalize(activations, layer.Normalization, layer.Groups, input, weight);
            case LayerKind.Rectifier:
                return graph.Rectifier(activations);
            case LayerKind.Maximum:
                return graph.MaximumPooling(activations);
            case LayerKind.Tile:
                return graph.Expand(activations, graph.Integers(1, 1, layer.Height, layer.Width));
            case LayerKind.GlobalMean:
                return graph.Node("GlobalAveragePool", [activations]);
            case LayerKind.GlobalMaximum:
                return graph.Node("GlobalMaxPool", [activations]);
            case LayerKind.Softmax:
                return graph.Reshape(graph.Softmax(graph.Flatten(activations)), 0, input.Channels, input.Height, input.Width);
            default:
                throw new NotSupportedException($"There is no layer of kind {layer.Kind}.");
        }
    }
}
