using MLNet.Papers.Layers;

namespace MLNet.Papers.Networks;

/// <summary>What an embedding network is built from; saved with its weights, so that loading rebuilds the same network.</summary>
internal sealed record EmbeddingArchitecture : LayeredNetwork
{
    /// <summary>D, the length of an input row.</summary>
    public required int InputSize { get; init; }

    /// <summary>The image that a row is; null for a plain vector, which goes through a multilayer perceptron.</summary>
    public ImageShape? ImageShape { get; init; }

    /// <summary>Filters of every convolution.</summary>
    public int Filters { get; init; }

    /// <summary>Blocks of convolution, normalization and pooling.</summary>
    public int Blocks { get; init; }

    /// <summary>How the activations of each block are normalized. Models saved before there was a choice have the first value.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>Groups of channels, with <see cref="Normalization.Group"/>.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether the first convolution is given the coordinates of each pixel.</summary>
    public bool Coordinates { get; init; }

    /// <summary>Units of the hidden layers of the perceptron.</summary>
    public int[] HiddenUnits { get; init; } = [];

    /// <summary>Units of the last layer of the perceptron.</summary>
    public int EmbeddingSize { get; init; }

    /// <summary>
    /// With images the four-block convolution of few-shot learning, with any number of blocks: convolution 3 × 3, normalization, rectifier, maximum over 2 × 2.
    /// Vinyals et al., "Matching Networks for One Shot Learning", NIPS 2016; Snell et al., "Prototypical Networks for Few-shot Learning", NIPS 2017, section 3.
    /// Maximum and rectifier commute, and the maximum first leaves a quarter of the work. Without images, linear layers with rectifiers between them.
    /// </summary>
    public override LayerChain Describe() => new(
        ImageShape ?? new(InputSize, 1, 1),
        [.. ImageShape is null
            ? HiddenUnits.SelectMany(Hidden).Append(($"layers.{HiddenUnits.Length}", new Dense(EmbeddingSize)))
            : Enumerable.Range(0, Blocks).SelectMany(Block)])
    {
        Initialization = Initialization.Uniform,
    };

    /// <summary>What is wrong with these numbers, or null: the check on a saved architecture before anything is allocated for it.</summary>
    public override string? FindFault()
    {
        const int Largest = 1 << 20;
        if (InputSize is < 1 or > Largest * 16)
            return $"InputSize is {InputSize}";
        if (ImageShape is not { } image)
            return HiddenUnits.Append(EmbeddingSize).Any(units => units is < 1 or > Largest) ? "a layer has no units or too many" : this.FindMemoryFault();
        if (image.Channels < 1 || image.Height < 1 || image.Width < 1 || (Int128)image.Channels * image.Height * image.Width != InputSize)
            return $"the image {image} does not have InputSize = {InputSize} values";
        if (Filters is < 1 or > 1 << 14 || Blocks is < 1 or > 16)
            return $"Filters is {Filters} and Blocks is {Blocks}";
        if (!Enum.IsDefined(Normalization) || Groups < 1 || ChannelNormalization.FindConflict(Normalization, Groups, [Filters]) is not null)
            return $"Normalization is {Normalization} and Groups is {Groups} for {Filters} filters";
        if (image.Height >> Blocks == 0 || image.Width >> Blocks == 0)
            return $"{Blocks} blocks halve the image {image} to nothing";
        return (long)Filters * (image.Height >> Blocks) * (image.Width >> Blocks) > Largest * 16 ? "an embedding is too long" : this.FindMemoryFault();
    }

    private static IEnumerable<(string Name, Layer Layer)> Hidden(int units, int layer) =>
        [($"layers.{layer}", new Dense(units)), ($"layers.{layer}.rectifier", new Rectifier())];

    private IEnumerable<(string Name, Layer Layer)> Block(int block)
    {
        string name = $"blocks.{block}";
        yield return ($"{name}.convolution", new Convolution(Filters, FusedConvolution.KernelSize, Coordinates: Coordinates && block == 0));
        if (Normalization != Normalization.None)
            yield return ($"{name}.normalization", new ChannelNormalization(Normalization, Groups));
        yield return ($"{name}.maximum", new MaximumPooling());
        yield return ($"{name}.rectifier", new Rectifier());
    }
}
