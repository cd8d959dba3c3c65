using System.Text.Json.Serialization;
using MLNet.Papers.Layers;
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

    /// <summary>Its layers.</summary>
    public RecurrentStack Stack() => new(EmbeddingSize, [.. Enumerable.Repeat(new Lstm(1, StateSize), Layers)], JoinsDirections: true);

    /// <summary>
    /// Values that the beginning of a translation needs: the scores of all words, the states and gates of a layer, and the states of the others before and
    /// after a step.
    /// </summary>
    [JsonIgnore]
    public long ValuesOfARow => KernelTile.Pad(Words) + EmbeddingSize + ((12L + (4L * Layers)) * StateSize);

    /// <summary>What the widest beam of a sentence needs.</summary>
    public long WorkingValues() => MostBeginnings * ValuesOfARow;

    /// <inheritdoc/>
    public IEnumerable<LayerWeight> AllWeights()
    {
        yield return Weight("embedding", Words, EmbeddingSize);
        foreach (LayerWeight weight in Stack().AllWeights())
            yield return weight;
        if (InputFeeding)
            yield return Weight("feeding", StateSize, 4L * StateSize);
        yield return Weight("score", StateSize, StateSize);
        yield return Weight("combine", 2L * StateSize, StateSize);
        yield return Weight("weight", Words, StateSize);
        yield return Weight("bias", Words);
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

    private static LayerWeight Weight(string name, params long[] shape) => new(name, shape, WeightUse.Kernel) { First = InitialValues.Constant(0) };
}
