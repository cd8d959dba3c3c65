using System.Globalization;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Texts;

namespace MLNet.Papers.CoVe;

/// <summary>What a transformer puts out, checked; saved with it.</summary>
internal sealed record CoVeOutputs(
    string OutputColumnName,
    string InputColumnName,
    Pooling Pooling,
    CoVeLayers OutputLayers,
    bool IncludeWordVectors,
    string? TokenVectorsColumnName,
    string? TokensColumnName)
{
    /// <summary>The outputs that options describe.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Two columns have the same name.</exception>
    public static CoVeOutputs Of(string outputColumnName, string inputColumnName, CoVeOutputOptions options)
    {
        var outputs = new CoVeOutputs(
            outputColumnName, inputColumnName, options.Pooling, options.OutputLayers, options.IncludeWordVectors, options.TokenVectorsColumnName,
            options.TokensColumnName);
        outputs.TokenColumns().RequireDifferentNames();
        return outputs;
    }

    /// <summary>The columns.</summary>
    public TokenVectorColumns TokenColumns() => new(OutputColumnName, InputColumnName, Pooling, TokenVectorsColumnName, TokensColumnName);

    /// <summary>The length of a token's vector.</summary>
    public int TokenSize(EncoderArchitecture architecture) =>
        (IncludeWordVectors ? architecture.EmbeddingSize : 0) + ((OutputLayers == CoVeLayers.All ? architecture.Layers : 1) * architecture.LayerSize);

    /// <summary>What a number of a token's vector is: the place in the word's own vector, or the layer, the direction and its place there.</summary>
    public string SlotName(EncoderArchitecture architecture, int slot)
    {
        int words = IncludeWordVectors ? architecture.EmbeddingSize : 0, size = architecture.LayerSize;
        return slot < words
            ? string.Create(CultureInfo.InvariantCulture, $"word {slot}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"layer {LayersOf(architecture.Layers).ElementAt((slot - words) / size) + 1} {SequenceLayers.SlotName((slot - words) % size, size)}");
    }

    /// <summary>Writes a token's vector: [w; CoVe(w)], equation 6.</summary>
    public void WriteToken(EncoderArchitecture architecture, EncodedSentence sentence, int token, Span<float> vector)
    {
        if (IncludeWordVectors)
        {
            ReadOnlySpan<float> word = sentence.WordVector(token);
            word.CopyTo(vector);
            vector = vector[word.Length..];
        }

        foreach (int layer in LayersOf(architecture.Layers))
        {
            sentence.CopyToken(layer, token, vector);
            vector = vector[architecture.LayerSize..];
        }
    }

    /// <summary>The same in a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="words">The vectors of the words, (B, T, E).</param>
    /// <param name="layers">The output of each layer, (B, T, 2H).</param>
    /// <returns>The vectors of the tokens, (B, T, size).</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue words, OnnxValue[] layers) =>
        graph.Concatenate(2, [.. IncludeWordVectors ? [words] : Array.Empty<OnnxValue>(), .. LayersOf(layers.Length).Select(layer => layers[layer])]);

    private IEnumerable<int> LayersOf(int count) => OutputLayers == CoVeLayers.All
        ? Enumerable.Range(0, count)
        : [OutputLayers == CoVeLayers.First ? 0 : count - 1];
}
