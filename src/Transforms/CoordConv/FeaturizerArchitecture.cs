using System.Text.Json.Serialization;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;

namespace MLNet.Papers.CoordConv;

/// <summary>
/// The image featurizer: blocks of convolution, the mean and the maximum of each of their filters over the image, and a hidden layer with rectifiers.
/// </summary>
/// <remarks>What is pooled over the whole image has no place any more: where something is, the features can say only if the convolutions knew it.</remarks>
internal sealed record FeaturizerArchitecture : LayeredNetwork
{
    /// <summary>The blocks of convolution.</summary>
    public required EmbeddingArchitecture Convolution { get; init; }

    /// <summary>Units of the hidden layer: the length of the feature vector.</summary>
    public required int Features { get; init; }

    [JsonIgnore]
    public int InputSize => Convolution.InputSize;

    /// <inheritdoc/>
    public override LayerChain Describe()
    {
        LayerChain blocks = Convolution.Describe();
        return blocks with
        {
            Layers =
            [
                .. blocks.Layers.Select(part => ($"convolution.{part.Name}", part.Layer)),
                ("pooled", new ParallelLayers(new GlobalMean(), new GlobalMaximum())), ("hidden", new Dense(Features)), ("hidden.rectifier", new Rectifier()),
            ],
        };
    }

    /// <summary>What is wrong with these numbers, or null: the check on a saved architecture before anything is allocated for it.</summary>
    public override string? FindFault() => Convolution.FindFault()
        ?? (
            Convolution.ImageShape is null ? "there is no image" : Features is < 1 or > 1 << 16 ? FormattableString.Invariant($"Features is {Features}") : this
                .FindMemoryFault());
}
