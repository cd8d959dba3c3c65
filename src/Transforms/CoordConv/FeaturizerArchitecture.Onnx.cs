using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.CoordConv;

/// <summary>The network in a graph.</summary>
internal sealed partial record FeaturizerArchitecture
{
    /// <summary>Adds the network to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="rows">The input, (B, D).</param>
    /// <param name="weights">The weights.</param>
    /// <returns>The features, (B, M).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue rows, NetworkWeights weights)
    {
        Func<string, OnnxValue> weight = graph.Weights(Weights(), weights);
        OnnxValue maps = graph.Reshape(Convolution.ToOnnx(graph, rows, weights.Under(ConvolutionPrefix)), 0, Convolution.Filters, -1);  // (B, F, P)
        OnnxValue pooled = graph.Concatenate(1, graph.Mean(maps, axis: 2), graph.Greatest(maps, axis: 2));
        return graph.Rectifier(graph.Linear(pooled, weight("hidden.weight"), weight("hidden.bias")));
    }
}
