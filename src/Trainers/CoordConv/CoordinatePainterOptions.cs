using MLNet.Papers.CoordConv;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;

namespace MLNet.Papers;

/// <summary>Options of <see cref="CoordinatePainterTrainer"/>.</summary>
/// <remarks>
/// Liu et al., "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution", NeurIPS 2018, arXiv:1807.03247, section 4.
/// </remarks>
public sealed class CoordinatePainterOptions : MinibatchOptions
{
    /// <summary>H, rows of the painted image. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096)]
    public int Height { get; set; } = 64;

    /// <summary>W, pixels in a row of the painted image. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096)]
    public int Width { get; set; } = 64;

    /// <summary>
    /// Whether the network knows the coordinates of the pixels that it paints. Without them it is the paper's baseline of transposed convolutions, and height
    /// and width must be equal and a power of two from 4 on.
    /// </summary>
    [AnyValue]
    public bool Coordinates { get; set; } = true;

    /// <summary>What is painted.</summary>
    [Defined]
    public PaintedOutput Output { get; set; } = PaintedOutput.PixelSoftmax;

    /// <summary>Channels of the convolutions of 1 × 1, with <see cref="Coordinates"/>; one of a single channel comes after them. Each from 1 to 1024.</summary>
    [TakesMemory, Between(1, 1024)]
    public int[] HiddenChannels { get; set; } = [32, 32, 64, 64];

    /// <summary>
    /// Times 8 and 16, the channels of the convolutions that paint around a pixel, with <see cref="Coordinates"/> and <see cref="PaintedOutput.Render"/>. From
    /// 1 to 64.
    /// </summary>
    [TakesMemory, Between(1, 64)]
    public int RenderMultiplier { get; set; } = 1;

    /// <summary>
    /// Times 64 and 32, the channels of the transposed convolutions, without <see cref="Coordinates"/> (the paper tries 1 to 3). From 1 to 16.
    /// </summary>
    [TakesMemory, Between(1, 16)]
    public int DeconvMultiplier { get; set; } = 1;

    /// <summary>
    /// Height and width of the windows of the transposed convolutions, without <see cref="Coordinates"/> (the paper tries 2 to 4). From 2 to 15.
    /// </summary>
    [Between(2, 15)]
    public int DeconvKernel { get; set; } = 3;

    /// <summary>
    /// How the activations of the transposed convolutions are normalized, without <see cref="Coordinates"/>; the paper has batch normalization.
    /// </summary>
    [Defined]
    public Normalization Normalization { get; set; } = Normalization.Batch;

    /// <summary>Groups of channels, with <see cref="Normalization.Group"/>. At least 1; must divide the channels of every layer.</summary>
    [AtLeast(1)]
    public int Groups { get; set; } = 32;

    /// <summary>
    /// Whether centres are put on the scale of the coordinates, from -1 to 1. The paper's program feeds pixels, with which training hardly begins.
    /// </summary>
    [AnyValue]
    public bool ScaleCentre { get; set; } = true;

    /// <summary>The network that these options describe.</summary>
    internal LayeredArchitecture Architecture() => Coordinates
        ? CoordConvNetworks.Painter(Height, Width, HiddenChannels, Output, RenderMultiplier)
        : CoordConvNetworks.Deconvolution(Height, DeconvKernel, DeconvMultiplier, Normalization, Groups);

    private protected override (string Property, string Message)? FindConflict()
    {
        if (base.FindConflict() is { } conflict)
            return conflict;
        if (Coordinates)
        {
            return Height == 1 && Width == 1 && Output != PaintedOutput.PixelSigmoid
                ? (nameof(Output), $"must be PixelSigmoid where an image has one pixel, but was {Output}: one pixel alone has all of a distribution.")
                : null;
        }

        if (!CoordConvNetworks.CanDeconvolve(Height, Width))
        {
            return (nameof(Height), FormattableString.Invariant($"and Width must be {CoordConvNetworks.DeconvolutionSides} without Coordinates, ") +
                FormattableString.Invariant($"but were {Height} and {Width}."));
        }

        return ChannelNormalization.FindConflict(
            Normalization, Groups, [64 * DeconvMultiplier, 32 * DeconvMultiplier]) is { } message ? (nameof(Groups), message) : null;
    }
}
