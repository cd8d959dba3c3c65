namespace MLNet.Papers.Networks;

/// <summary>The kinds of layer that a <see cref="LayeredModule"/> is made of. The numbers are part of saved models and never change.</summary>
internal enum LayerKind
{
    /// <summary>A convolution with zeros around the image, so that without a stride it keeps its size.</summary>
    Convolution = 0,

    /// <summary>A transposed convolution that makes the image <see cref="Layer.Stride"/> times as high and wide.</summary>
    Deconvolution = 1,

    /// <summary>One of <see cref="MLNet.Papers.Normalization"/>.</summary>
    Normalization = 2,

    /// <summary>The greater of 0 and each value.</summary>
    Rectifier = 3,

    /// <summary>The maximum over 2 × 2 pixels.</summary>
    Maximum = 4,

    /// <summary>One pixel, repeated over an image.</summary>
    Tile = 5,

    /// <summary>The mean of each channel.</summary>
    GlobalMean = 6,

    /// <summary>The maximum of each channel.</summary>
    GlobalMaximum = 7,

    /// <summary>The softmax over all pixels of all channels.</summary>
    Softmax = 8,

    /// <summary>A linear layer over all values of the image; gives an image of one pixel.</summary>
    Dense = 9,
}

/// <summary>One layer of a <see cref="LayeredModule"/>.</summary>
internal sealed record Layer
{
    public required LayerKind Kind { get; init; }

    /// <summary>Channels of the output, with a convolution, a deconvolution or a dense layer.</summary>
    public int Channels { get; init; }

    /// <summary>Height and width of the windows.</summary>
    public int KernelSize { get; init; }

    /// <summary>Pixels from one window to the next.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Whether a convolution is given the coordinates of each pixel.</summary>
    public bool Coordinates { get; init; }

    /// <summary>Whether these are three, with the radius.</summary>
    public bool WithRadius { get; init; }

    /// <summary>The kind of normalization.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>Groups of channels, with <see cref="MLNet.Papers.Normalization.Group"/>.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Height of a tiled image.</summary>
    public int Height { get; init; }

    /// <summary>Width of a tiled image.</summary>
    public int Width { get; init; }

    public static Layer Rectifier { get; } = new() { Kind = LayerKind.Rectifier };

    public static Layer Maximum { get; } = new() { Kind = LayerKind.Maximum };

    public static Layer GlobalMean { get; } = new() { Kind = LayerKind.GlobalMean };

    public static Layer GlobalMaximum { get; } = new() { Kind = LayerKind.GlobalMaximum };

    public static Layer Softmax { get; } = new() { Kind = LayerKind.Softmax };

    public static Layer Convolution(int channels, int kernelSize, int stride = 1, bool coordinates = false, bool withRadius = false) => new()
    {
        Kind = LayerKind.Convolution,
        Channels = channels,
        KernelSize = kernelSize,
        Stride = stride,
        Coordinates = coordinates,
        WithRadius = coordinates && withRadius,
    };

    public static Layer Deconvolution(int channels, int kernelSize) => new() { Kind = LayerKind.Deconvolution, Channels = channels, KernelSize = kernelSize, Stride = 2 };

    public static Layer Normalize(Normalization normalization, int groups = 1) =>
        new() { Kind = LayerKind.Normalization, Normalization = normalization, Groups = normalization == Normalization.Group ? groups : 1 };

    public static Layer Tile(int height, int width) => new() { Kind = LayerKind.Tile, Height = height, Width = width };

    public static Layer Dense(int units) => new() { Kind = LayerKind.Dense, Channels = units };

    /// <summary>The shape that this layer makes of another.</summary>
    public ImageShape Apply(ImageShape input) => Kind switch
    {
        LayerKind.Convolution => new(Channels, Reduced(input.Height, Stride), Reduced(input.Width, Stride)),
        LayerKind.Deconvolution => new(Channels, checked(input.Height * Stride), checked(input.Width * Stride)),
        LayerKind.Maximum => input with { Height = input.Height / 2, Width = input.Width / 2 },
        LayerKind.Tile => input with { Height = Height, Width = Width },
        LayerKind.GlobalMean or LayerKind.GlobalMaximum => new(input.Channels, 1, 1),
        LayerKind.Dense => new(Channels, 1, 1),
        _ => input,
    };

    /// <summary>Names and shapes of what training changes in this layer.</summary>
    /// <param name="input">The shape that the layer is given.</param>
    /// <param name="prefix">What the names begin with.</param>
    public IEnumerable<(string Name, long[] Shape)> Weights(ImageShape input, string prefix) => Kind switch
    {
        LayerKind.Convolution =>
            [($"{prefix}.weight", [Channels, input.Channels + (Coordinates ? CoordinateChannels.Count(WithRadius) : 0), KernelSize, KernelSize]), ($"{prefix}.bias", [Channels])],
        LayerKind.Deconvolution => [($"{prefix}.weight", [input.Channels, Channels, KernelSize, KernelSize]), ($"{prefix}.bias", [Channels])],
        LayerKind.Dense => [($"{prefix}.weight", [Channels, (long)input.Channels * input.Height * input.Width]), ($"{prefix}.bias", [Channels])],
        LayerKind.Normalization => ChannelNormalization.Weights(Normalization, prefix, input.Channels),
        _ => [],
    };

    /// <summary>Whether the layer's numbers make sense for an input.</summary>
    public bool Fits(ImageShape input)
    {
        const int Most = 1 << 16;
        return Kind switch
        {
            LayerKind.Convolution or LayerKind.Deconvolution =>
                Channels is >= 1 and <= Most && KernelSize is >= 1 and <= 99 && Stride is >= 1 and <= 16 && (Kind == LayerKind.Deconvolution ? KernelSize >= Stride && (Stride > 1 || KernelSize % 2 == 1) : KernelSize % 2 == 1),
            LayerKind.Dense => Channels is >= 1 and <= 1 << 20,
            LayerKind.Normalization => Enum.IsDefined(Normalization) && Groups >= 1 && ChannelNormalization.FindConflict(Normalization, Groups, [input.Channels]) is null,
            LayerKind.Maximum => input.Height >= 2 && input.Width >= 2,
            LayerKind.Tile => input is { Height: 1, Width: 1 } && Height is >= 1 and <= Most && Width is >= 1 and <= Most,
            _ => Enum.IsDefined(Kind),
        };
    }

    private static int Reduced(int length, int stride) => ((length - 1) / stride) + 1;
}
