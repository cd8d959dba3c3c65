using System.Text.Json.Serialization;
using MLNet.Papers.Networks;

namespace MLNet.Papers.CoVe;

/// <summary>The bidirectional LSTM that reads the source: the paper's MT-LSTM (section 3.1). Saved with its weights.</summary>
internal sealed partial record EncoderArchitecture : INetworkArchitecture
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

    /// <summary>The shape of a layer.</summary>
    public LstmShape Lstm(int layer) => new(Directions, layer == 0 ? EmbeddingSize : LayerSize, HiddenSize, HiddenSize);

    /// <summary>Values that a token needs while its text is in the network: its word's vector, all layers, the window of a layer's inputs and that of its outputs.</summary>
    [JsonIgnore]
    public long ValuesOfAToken => EmbeddingSize + (Layers * (long)LayerSize) + Math.Max(LayerSize, EmbeddingSize) + HiddenSize;

    /// <summary>What the longest piece of a text needs.</summary>
    public long WorkingValues() => (LongestText * ValuesOfAToken) + FusedLstm.WorkingValues(Lstm(0));

    /// <inheritdoc/>
    public IEnumerable<(string Name, long[] Shape)> Weights() =>
        from layer in Enumerable.Range(0, Layers)
        from weight in Lstm(layer).Weights()
        select ($"layers.{layer}.{weight.Name}", weight.Shape);

    /// <summary>What is wrong with these numbers, or null: the check before anything is allocated for them.</summary>
    public string? FindFault()
    {
        const int Largest = 1 << 16;
        if (EmbeddingSize is < 1 or > Largest || HiddenSize is < 1 or > Largest)
            return $"a layer has no units or too many: {EmbeddingSize}, {HiddenSize}";
        return Layers is < 1 or > 16 ? $"there are {Layers} layers" : this.FindMemoryFault();
    }
}
