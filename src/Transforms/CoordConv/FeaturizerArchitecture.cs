using System.Text.Json.Serialization;
using MLNet.Papers.Networks;

namespace MLNet.Papers.CoordConv;

/// <summary>The image featurizer: blocks of convolution, the mean and the maximum of each of their filters over the image, and a hidden layer with rectifiers.</summary>
/// <remarks>What is pooled over the whole image has no place any more: where something is, the features can say only if the convolutions knew it.</remarks>
internal sealed partial record FeaturizerArchitecture : INetworkArchitecture
{
    public const string ConvolutionPrefix = "convolution.";

    /// <summary>The blocks of convolution.</summary>
    public required EmbeddingArchitecture Convolution { get; init; }

    /// <summary>Units of the hidden layer: the length of the feature vector.</summary>
    public required int Features { get; init; }

    [JsonIgnore]
    ImageShape? INetworkArchitecture.Image => Convolution.ImageShape;

    [JsonIgnore]
    public int InputSize => Convolution.InputSize;

    [JsonIgnore]
    public int OutputSize => Features;

    [JsonIgnore]
    public int PreferredBatchSize => Convolution.PreferredBatchSize;

    [JsonIgnore]
    public long ActivationCount => Convolution.ActivationCount + PooledSize + (2L * Features);

    /// <summary>The mean and the maximum of each filter.</summary>
    [JsonIgnore]
    public int PooledSize => 2 * Convolution.Filters;

    /// <inheritdoc/>
    public IEnumerable<(string Name, long[] Shape)> Weights() =>
    [
        .. Convolution.Weights().Select(weight => (ConvolutionPrefix + weight.Name, weight.Shape)),
        ("hidden.weight", [Features, PooledSize]),
        ("hidden.bias", [Features]),
    ];

    /// <summary>The maps of the convolutions are held besides, until they are pooled.</summary>
    public long HeldValues() => ((INetworkArchitecture)Convolution).HeldValues() + PooledSize + (3L * KernelTile.Pad(Features));

    /// <inheritdoc/>
    public long WorkingValues() => Convolution.WorkingValues();

    /// <summary>What is wrong with these numbers, or null: the check on a saved architecture before anything is allocated for it.</summary>
    public string? FindFault() => Convolution.FindFault()
        ?? (Convolution.ImageShape is null ? "there is no image" : Features is < 1 or > 1 << 16 ? FormattableString.Invariant($"Features is {Features}") : this.FindMemoryFault());
}
