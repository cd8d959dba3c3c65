using Microsoft.ML.SearchSpace;
using MLNet.Papers.Codes;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;

namespace MLNet.Papers;

/// <summary>How a codebook and the networks around it are built and learned.</summary>
/// <remarks>Van den Oord, Vinyals and Kavukcuoglu, "Neural Discrete Representation Learning", NIPS 2017, arXiv:1711.00937.</remarks>
public abstract class VectorQuantizationOptions : AutoencoderOptions
{
    private protected VectorQuantizationOptions()
    {
    }

    /// <summary>K, vectors of the codebook. From 2 to 65536; the paper has 512.</summary>
    [TakesMemory, Between(2, 65_536), Range(16, 512, init: 64, logBase: true)]
    public int CodebookSize { get; set; } = 64;

    /// <summary>D, the length of each. From 1 to 1024.</summary>
    [TakesMemory, Between(1, 1024), Range(4, 64, init: 16, logBase: true)]
    public int CodeDimension { get; set; } = 16;

    /// <summary>Codes of a row that is a plain vector. From 1 to 1024.</summary>
    [TakesMemory, Between(1, 1024), Range(2, 32, init: 8, logBase: true)]
    public int CodesPerRow { get; set; } = 8;

    /// <summary>
    /// Pixels on each side of an image that become one code, with <see cref="AutoencoderOptions.ImageShape"/>: 1, 2, 4 or 8, and a divisor of the height and
    /// width of the image.
    /// </summary>
    [TakesMemory, Between(1, 8)]
    public int Downsampling { get; set; } = 4;

    /// <summary>Channels of the convolutions. From 1 to 4096; the paper has 256.</summary>
    [TakesMemory, Between(1, 4096), Range(8, 128, init: 32, logBase: true)]
    public int Channels { get; set; } = 32;

    /// <summary>Residual blocks before the codes, and again after them. From 0 to 8.</summary>
    [TakesMemory, Between(0, 8)]
    public int ResidualBlocks { get; set; } = 2;

    /// <summary>How the codebook is learned.</summary>
    [Defined]
    public CodebookLearning Codebook { get; set; } = CodebookLearning.MovingAverage;

    /// <summary>How much of the moving averages is kept at a step (γ). From 0 to 0.9999.</summary>
    [Between(0, 0.9999)]
    public double Decay { get; set; } = 0.99;

    /// <summary>
    /// What draws the encoder to the vectors that are nearest to what it gives is multiplied by (β, equation 3). At least 0; the paper found 0.1 to 2 alike.
    /// </summary>
    [AtLeast(0), Range(0.05, 2.0, init: 0.25, logBase: true)]
    public double Commitment { get; set; } = 0.25;

    /// <summary>
    /// Whether a vector that hardly anything is near to begins anew, at an output of the encoder for the batch. Not in the paper; without it most vectors of a
    /// codebook are never used. It has no effect with <see cref="CodebookLearning.Frozen"/>.
    /// </summary>
    [AnyValue]
    public bool RestartUnusedCodes { get; set; } = true;

    /// <summary>The grid of codes.</summary>
    internal (int Height, int Width) Grid => ImageShape is { } shape ? (shape.Height / Downsampling, shape.Width / Downsampling) : (CodesPerRow, 1);

    /// <summary>From rows to vectors, (D, H, W).</summary>
    /// <param name="input">What a row is to it.</param>
    internal LayeredArchitecture Encoder(ImageShape input) => new()
    {
        Input = input,
        Layers = ImageShape is null
            ? [.. AutoencoderLayers.Hidden(HiddenUnits), new Dense(checked(CodeDimension * CodesPerRow))]
            : [.. AutoencoderLayers.Smaller(Halvings, Channels), .. Body(), new Convolution(CodeDimension, 1)],
    };

    /// <summary>From vectors to rows.</summary>
    /// <param name="output">What a row is.</param>
    internal LayeredArchitecture Decoder(ImageShape output) => new()
    {
        Input = ImageShape is null ? new(checked(CodeDimension * CodesPerRow), 1, 1) : new(CodeDimension, Grid.Height, Grid.Width),
        Layers = ImageShape is null
            ? [.. AutoencoderLayers.Hidden(HiddenUnits.Reverse()), new Dense(output.Size)]
            : [new Convolution(Channels, 3), .. Rest(), .. AutoencoderLayers.Larger(Halvings, Channels, output.Channels)],
    };

    private protected override (string Property, string Message)? FindConflict()
    {
        if (base.FindConflict() is { } conflict)
            return conflict;
        if (!int.IsPow2(Downsampling))
            return (nameof(Downsampling), FormattableString.Invariant($"must be 1, 2, 4 or 8, but was {Downsampling}."));
        return ImageShape is { } shape && (shape.Height % Downsampling != 0 || shape.Width % Downsampling != 0)
            ? (nameof(ImageShape), FormattableString.Invariant(
                $"must have a height and width that Downsampling = {Downsampling} divides, but was {shape}. Resize the images, or lower Downsampling."))
            : null;
    }

    private int Halvings => int.Log2(Downsampling);

    // Without a convolution that halves the image, one must make the channels of the residual blocks.
    private IEnumerable<Layer> Body() => Halvings == 0 ? [new Convolution(Channels, 3), new Rectifier(), .. Rest()] : Rest();

    private IEnumerable<Layer> Rest() => Enumerable.Range(0, ResidualBlocks)
        .Select(_ => (Layer)new Residual(new Rectifier(), new Convolution(Channels, 3), new Rectifier(), new Convolution(Channels, 1)))
        .Append(new Rectifier());
}
