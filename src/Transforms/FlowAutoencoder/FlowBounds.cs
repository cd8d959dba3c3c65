using MLNet.Papers.Codes;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.FlowAutoencoder;

/// <summary>
/// Bounds on ln p(x) of rows in nats: the mean over some codes z_K ~ q_K of ln p(x|z_K) + ln p(z_K) - ln q_K(z_K) (equation 15). All rows have the same noise,
/// so that a row's bound depends on the row alone.
/// </summary>
/// <param name="model">The networks.</param>
/// <param name="flow">What is between them.</param>
/// <param name="decoder">The scoring form of the decoder.</param>
/// <param name="capacity">The most rows in a batch.</param>
internal sealed class FlowBounds(AutoencoderModel model, FlowModel flow, EmbeddingScorer decoder, int capacity) : EncodedScores
{
    private readonly FlowCodes _codes = new(flow);
    private readonly double[] _sums = new double[capacity];
    private float[] _latents = [];
    private float[] _outputs = [];

    public override void Score(int count, ReadOnlySpan<float> encoded, ReadOnlySpan<float> prepared, Span<float> scores)
    {
        (int size, int outputSize, int inputSize, int encodedSize) = (flow.Size, model.Layout.Size, model.Layout.InputSize, flow.EncodedSize);
        ScoringMemory.MakeRoom(ref _latents, count - 1, size, capacity);
        ScoringMemory.MakeRoom(ref _outputs, count - 1, outputSize, capacity);
        Array.Clear(_sums);
        for (int sample = 0; sample < flow.Samples; sample++)
        {
            ReadOnlySpan<float> noise = flow.Noise.AsSpan(sample * size, size);
            for (int row = 0; row < count; row++)
                _sums[row] -= _codes.Draw(encoded.Slice(row * encodedSize, encodedSize), noise, _latents.AsSpan(row * size, size));
            decoder.Embed(_latents, count, _outputs);
            for (int row = 0; row < count; row++)
            {
                _sums[row] += model.Layout.LogLikelihood(
                    _outputs.AsSpan(row * outputSize, outputSize), prepared.Slice(row * inputSize, inputSize), flow.Deviation);
            }
        }

        for (int row = 0; row < count; row++)
            scores[row] = (float)(_sums[row] / flow.Samples);
    }

    /// <summary>The same in a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="model">The networks.</param>
    /// <param name="flow">What is between them.</param>
    /// <param name="encoded">What the encoder gives.</param>
    /// <param name="prepared">What the encoder reads.</param>
    /// <returns>(B, 1).</returns>
    public static OnnxValue ToOnnx(OnnxGraph graph, AutoencoderModel model, FlowModel flow, OnnxValue encoded, OnnxValue prepared)
    {
        OnnxValue noise = graph.Weight("noise", [1, flow.Samples, flow.Size], () => flow.Noise);
        OnnxValue rows = graph.Reshape(graph.Expand(noise, graph.Concatenate(
            0, graph.Length(encoded, 0), graph.Integers(flow.Samples), graph.Integers(flow.Size))), -1, flow.Size);
        (OnnxValue codes, OnnxValue divergences) = new FlowCodes(flow).Draw(graph, Repeated(encoded, flow.EncodedSize), rows);
        OnnxValue decoded = model.Decoder.ToOnnx(graph, codes, model.DecoderWeights);
        OnnxValue likelihoods = model.Layout.LogLikelihoodInOnnx(graph, decoded, Repeated(prepared, model.Layout.InputSize), flow.Deviation);
        return graph.Unsqueeze(graph.Mean(graph.Reshape(graph.Subtract(likelihoods, divergences), -1, flow.Samples), 1), 1);

        // (B, N) to (B · S, N).
        OnnxValue Repeated(OnnxValue values, int length) =>
            graph.Reshape(graph.Expand(graph.Unsqueeze(values, 1), graph.Integers(1, flow.Samples, 1)), -1, length);
    }
}
