using System.Text.Json.Serialization;
using MLNet.Papers.Layers;

namespace MLNet.Papers.Networks;

/// <summary>A network that is saved layer by layer, with its weights, so that loading rebuilds the same network.</summary>
internal sealed record LayeredArchitecture : LayeredNetwork
{
    private const long MostValues = 1 << 26;

    /// <summary>The image that a row is; a vector is an image of one pixel.</summary>
    public required ImageShape Input { get; init; }

    public required Layer[] Layers { get; init; }

    [JsonIgnore]
    public int InputSize => Input.Size;

    /// <inheritdoc/>
    public override LayerChain Describe() => new(Input, [.. Layers.Select((layer, i) => ($"layers.{i}", layer))]);

    /// <inheritdoc/>
    public override string? FindFault() => Describe().FindFault(MostValues) ?? (Numbers() > 1L << 31 ? "there are too many weights" : this.FindMemoryFault());

    private long Numbers() => this.Weights().Sum(weight => weight.Shape.Aggregate(1L, (product, length) => checked(product * length)));
}
