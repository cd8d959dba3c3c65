using System.Globalization;
using System.Numerics.Tensors;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Elmo;

/// <summary>What a transformer puts out, checked; saved with it.</summary>
internal sealed record ElmoOutputs(
    string OutputColumnName,
    string InputColumnName,
    Pooling Pooling,
    ElmoRepresentation Representation,
    float[] MixWeights,
    string? TokenVectorsColumnName,
    string? TokensColumnName)
{
    /// <summary>The outputs that options describe.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many weights as layers, or two columns have the same name.</exception>
    public static ElmoOutputs Of(string outputColumnName, string inputColumnName, ElmoOutputOptions options, int layers)
    {
        if (FindConflict(options.MixWeights, layers) is { } conflict)
            throw new ArgumentOutOfRangeException(nameof(options), $"{nameof(ElmoOutputOptions)}.{nameof(options.MixWeights)} {conflict}");
        float[] weights = options.MixWeights ?? [.. Enumerable.Repeat(1f / (layers + 1), layers + 1)];
        var outputs = new ElmoOutputs(
            outputColumnName, inputColumnName, options.Pooling, options.Representation, weights, options.TokenVectorsColumnName, options.TokensColumnName);
        outputs.TokenColumns().RequireDifferentNames();
        return outputs;
    }

    /// <summary>What is wrong with weights of a mix, to stand after the option's name; null if nothing is.</summary>
    public static string? FindConflict(float[]? weights, int layers) => weights is null || weights.Length == layers + 1
        ? null
        : FormattableString.Invariant(
            $"must have {layers + 1} weights, one for the context-free layer and one for each of {layers} layers, but has {weights.Length}.");

    /// <summary>The length of a token's vector.</summary>
    public int TokenSize(ElmoArchitecture architecture) =>
        Representation == ElmoRepresentation.AllLayers ? (architecture.Layers + 1) * architecture.LayerSize : architecture.LayerSize;

    /// <summary>What a number of a token's vector is: the layer, where they are not mixed, the direction, and its place there.</summary>
    public string SlotName(ElmoArchitecture architecture, int slot)
    {
        int layer = slot / architecture.LayerSize;
        string direction = SequenceLayers.SlotName(slot % architecture.LayerSize, architecture.LayerSize);
        return Representation == ElmoRepresentation.AllLayers ? string.Create(CultureInfo.InvariantCulture, $"layer {layer} {direction}") : direction;
    }

    /// <summary>The columns.</summary>
    public TokenVectorColumns TokenColumns() => new(OutputColumnName, InputColumnName, Pooling, TokenVectorsColumnName, TokensColumnName);

    /// <summary>The vectors of tokens in a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layers">Those of each layer, (B, T, 2P).</param>
    /// <returns>(B, T, size).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue[] layers) => Representation == ElmoRepresentation.AllLayers
        ? graph.Concatenate(2, layers)
        : layers.Select((layer, i) => graph.Multiply(layer, graph.Number(MixWeights[i]))).Aggregate(graph.Add);

    /// <summary>Writes a token's vector.</summary>
    public void WriteToken(ElmoArchitecture architecture, SequenceLayers sentence, int token, Span<float> vector, Span<float> scratch)
    {
        int size = architecture.LayerSize;
        if (Representation == ElmoRepresentation.AllLayers)
        {
            for (int layer = 0; layer <= architecture.Layers; layer++)
                CopyToken(sentence, layer, token, vector.Slice(layer * size, size));
            return;
        }

        vector.Clear();
        for (int layer = 0; layer <= architecture.Layers; layer++)
        {
            CopyToken(sentence, layer, token, scratch[..size]);
            TensorPrimitives.MultiplyAdd(scratch[..size], MixWeights[layer], vector, vector);
        }
    }

    // h_kj = [forward; backward], both of which have read the token (equation 1); the context-free vector is the same for both.
    private static void CopyToken(SequenceLayers sentence, int layer, int token, Span<float> vector)
    {
        if (layer > 0)
        {
            sentence.CopyToken(layer, token, marks: 1, vector);
            return;
        }

        Span<float> own = sentence.Step(0, 0, token + 1);
        own.CopyTo(vector);
        own.CopyTo(vector[own.Length..]);
    }
}
