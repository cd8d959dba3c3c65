namespace MLNet.Papers.Networks;

/// <summary>What an embedding network is built from; saved with its weights, so that loading rebuilds the same network.</summary>
internal sealed partial record EmbeddingArchitecture : INetworkArchitecture
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

    [System.Text.Json.Serialization.JsonIgnore]
    ImageShape? INetworkArchitecture.Image => ImageShape;

    /// <summary>M, the length of an embedding.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int OutputSize => ImageShape is { } image ? Filters * (image.Height >> Blocks) * (image.Width >> Blocks) : EmbeddingSize;

    /// <summary>Whether a block is no more than a convolution with other weights once it is trained: its normalization is fixed, or there is none.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsFoldable => Normalization is Normalization.Batch or Normalization.None;

    /// <summary>How many rows at once are scored fastest: measured on two cores, see the benchmarks.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int PreferredBatchSize => ImageShape is null ? 256 : 64;

    /// <summary>Convolution, normalization and rectifier of each block, at the size before it is halved; or the layers of the perceptron.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long ActivationCount => ImageShape is { } image
        ? Enumerable.Range(0, Blocks).Sum(block => 3L * Filters * (image.Height >> block) * (image.Width >> block))
        : HiddenUnits.Sum(units => 2L * units) + EmbeddingSize;

    /// <summary>Names and shapes of everything that training changes, normalization statistics included, in the network's order.</summary>
    public IEnumerable<(string Name, long[] Shape)> Weights()
    {
        if (ImageShape is { } image)
        {
            long channels = image.Channels + (Coordinates ? CoordinateChannels.Count(withRadius: false) : 0);
            for (int block = 0; block < Blocks; block++)
            {
                yield return ($"blocks.{block}.convolution.weight", [Filters, channels, ConvolutionModule.KernelSize, ConvolutionModule.KernelSize]);
                yield return ($"blocks.{block}.convolution.bias", [Filters]);
                foreach ((string Name, long[] Shape) weight in ChannelNormalization.Weights(Normalization, $"blocks.{block}.normalization", Filters))
                    yield return weight;
                channels = Filters;
            }
        }
        else
        {
            long inputs = InputSize;
            for (int layer = 0; layer <= HiddenUnits.Length; layer++)
            {
                long outputs = layer < HiddenUnits.Length ? HiddenUnits[layer] : EmbeddingSize;
                yield return ($"layers.{layer}.weight", [outputs, inputs]);
                yield return ($"layers.{layer}.bias", [outputs]);
                inputs = outputs;
            }
        }
    }

    /// <inheritdoc/>
    public long WorkingValues()
    {
        if (ImageShape is not { } image)
            return FusedPerceptron.WorkingValues(InputSize, [.. HiddenUnits, EmbeddingSize]);
        int coordinates = Coordinates ? CoordinateChannels.Count(withRadius: false) : 0;
        if (IsFoldable)
            return FusedBlocks.WorkingValues(image, coordinates, Enumerable.Repeat(Filters, Blocks));

        // In torch: what the convolution, the normalization and the maximum of each block give.
        long values = (image.Channels + (2L * coordinates)) * image.Height * image.Width;
        for (int block = 0; block < Blocks; block++)
            values += 3L * Filters * (image.Height >> block) * (image.Width >> block);
        return values;
    }

    /// <summary>What is wrong with these numbers, or null: the check on a saved architecture before anything is allocated for it.</summary>
    public string? FindFault()
    {
        const int Largest = 1 << 20;
        if (InputSize is < 1 or > Largest * 16)
            return $"InputSize is {InputSize}";
        if (ImageShape is not { } image)
            return EmbeddingSize is < 1 or > Largest || HiddenUnits.Any(units => units is < 1 or > Largest) ? "a layer has no units or too many" : this.FindMemoryFault();
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
}
