using System.Text.Json.Serialization;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;

namespace MLNet.Papers.CoVe;

/// <summary>The bidirectional LSTM that reads the source: the paper's MT-LSTM (section 3.1). Saved with its weights.</summary>
internal sealed record EncoderArchitecture : INetworkArchitecture
{
    /// <summary>One half of each layer reads forward, the other backward.</summary>
    public const int Directions = 2;

    /// <summary>The most tokens that are read in one go; a longer text is cut into pieces, each of which is read as a text of its own.</summary>
    public const int LongestText = 1_000;

    /// <summary>E, the length of a word's vector.</summary>
    public required int EmbeddingSize { get; init; }

    /// <summary>H, the size of a layer in each direction.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>L.</summary>
    public required int Layers { get; init; }

    /// <summary>2H, the length of a token's vector in one layer.</summary>
    [JsonIgnore]
    public int LayerSize => Directions * HiddenSize;

    [JsonIgnore]
    int INetworkArchitecture.InputSize => EmbeddingSize;

    [JsonIgnore]
    int INetworkArchitecture.OutputSize => LayerSize;

    /// <summary>The layers, each of which reads what both directions of the one below say.</summary>
    public RecurrentStack Stack() => new(EmbeddingSize, [.. Enumerable.Repeat(new Lstm(Directions, HiddenSize), Layers)], JoinsDirections: true);

    /// <summary>What the longest piece of a text needs.</summary>
    public long WorkingValues() => (LongestText * Stack().ValuesOfAStep()) + Stack().Layers[0].KernelValues();

    /// <inheritdoc/>
    public IEnumerable<LayerWeight> AllWeights() => Stack().AllWeights();

    /// <summary>Adds the encoder to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="words">The vectors of the words, (B, T, E).</param>
    /// <param name="lengths">How many words each text has, Int64 (B).</param>
    /// <param name="weights">The weights.</param>
    /// <returns>The output of each layer, (B, T, 2H).</returns>
    public OnnxValue[] ToOnnx(OnnxGraph graph, OnnxValue words, OnnxValue lengths, NetworkWeights weights) =>
        [
            .. Stack().ToOnnx(graph, graph.Transpose(words, 1, 0, 2), lengths, graph.Weights(this.Weights(), weights).Invoke)
                .Select(layer => graph.Transpose(layer, 1, 0, 2)),
        ];

    /// <summary>What is wrong with these numbers, or null: the check before anything is allocated for them.</summary>
    public string? FindFault()
    {
        const int Largest = 1 << 16;
        if (EmbeddingSize is < 1 or > Largest || HiddenSize is < 1 or > Largest)
            return $"a layer has no units or too many: {EmbeddingSize}, {HiddenSize}";
        return Layers is < 1 or > 16 ? $"there are {Layers} layers" : this.FindMemoryFault();
    }
}
