using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.CoVe;

/// <summary>The network in a graph.</summary>
internal sealed partial record EncoderArchitecture
{
    /// <summary>Adds the encoder to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="words">The vectors of the words, (B, T, E).</param>
    /// <param name="lengths">How many words each text has, Int64 (B).</param>
    /// <param name="weights">The weights.</param>
    /// <returns>The output of each layer, (B, T, 2H).</returns>
    public OnnxValue[] ToOnnx(OnnxGraph graph, OnnxValue words, OnnxValue lengths, NetworkWeights weights)
    {
        OnnxValue input = graph.Transpose(words, 1, 0, 2), steps = graph.Convert(lengths, OnnxType.Int32);
        var outputs = new OnnxValue[Layers];
        for (int layer = 0; layer < Layers; layer++)
        {
            input = Lstm(layer).BidirectionalToOnnx(graph, input, steps, weights.Under($"layers.{layer}."));
            outputs[layer] = graph.Transpose(input, 1, 0, 2);
        }

        return outputs;
    }
}
