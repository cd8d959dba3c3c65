using System.Text.Json.Serialization;
using MLNet.Papers.Networks;

namespace MLNet.Papers.CoVe;

/// <summary>The LSTM that writes the target, with its attention to the source (the paper's section 3.2). Saved with its weights.</summary>
internal sealed record DecoderArchitecture : INetworkArchitecture
{
    /// <summary>The most beginnings of a translation that are kept.</summary>
    public const int MostBeginnings = 100;

    /// <summary>The length of a target word's vector.</summary>
    public required int EmbeddingSize { get; init; }

    /// <summary>2H, the length of a layer's state, which is that of a token's vector in the encoder.</summary>
    public required int StateSize { get; init; }

    /// <summary>L, as many as the encoder has.</summary>
    public required int Layers { get; init; }

    /// <summary>V, the target words with the marks.</summary>
    public required int Words { get; init; }

    /// <summary>Whether what a step said goes into the next one.</summary>
    public required bool InputFeeding { get; init; }

    [JsonIgnore]
    int INetworkArchitecture.InputSize => EmbeddingSize;

    [JsonIgnore]
    int INetworkArchitecture.OutputSize => Words;

    /// <summary>The shape of a layer.</summary>
    public LstmShape Lstm(int layer) => new(1, layer == 0 ? EmbeddingSize : StateSize, StateSize, StateSize);

    /// <summary>Values that the beginning of a translation needs: the scores of all words, the states and gates of a layer, and the states of the others before and after a step.</summary>
    [JsonIgnore]
    public long ValuesOfARow => KernelTile.Pad(Words) + EmbeddingSize + ((12L + (4L * Layers)) * StateSize);

    /// <summary>What the widest beam of a sentence needs.</summary>
    public long WorkingValues() => MostBeginnings * ValuesOfARow;

    /// <inheritdoc/>
    public IEnumerable<(string Name, long[] Shape)> Weights()
    {
        yield return ("embedding", [Words, EmbeddingSize]);
        for (int layer = 0; layer < Layers; layer++)
        {
            foreach ((string name, long[] shape) in Lstm(layer).Weights())
                yield return ($"layers.{layer}.{name}", shape);
        }

        if (InputFeeding)
            yield return ("feeding", [StateSize, 4L * StateSize]);
        yield return ("score", [StateSize, StateSize]);
        yield return ("combine", [2L * StateSize, StateSize]);
        yield return ("weight", [Words, StateSize]);
        yield return ("bias", [Words]);
    }

    /// <summary>What is wrong with these numbers, or null: the check before anything is allocated for them.</summary>
    public string? FindFault()
    {
        const int Largest = 1 << 16;
        if (EmbeddingSize is < 1 or > Largest || StateSize is < 1 or > Largest)
            return $"a layer has no units or too many: {EmbeddingSize}, {StateSize}";
        const int MostWords = 1 << 30;
        return Layers is < 1 or > 16 || Words is < 3 or > MostWords ? $"there are {Layers} layers and {Words} words" : this.FindMemoryFault();
    }
}
