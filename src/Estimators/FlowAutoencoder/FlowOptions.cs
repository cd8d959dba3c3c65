using Microsoft.ML.SearchSpace;
using MLNet.Papers.Codes;
using MLNet.Papers.FlowAutoencoder;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;

namespace MLNet.Papers;

/// <summary>How a variational autoencoder with a flow is built and learned.</summary>
/// <remarks>Rezende and Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, arXiv:1505.05770.</remarks>
public abstract class FlowOptions : AutoencoderOptions
{
    private protected FlowOptions()
    {
    }

    /// <summary>Numbers of a code. From 1 to 512; the paper has 40.</summary>
    [TakesMemory, Between(1, 512), Range(2, 32, init: 8, logBase: true)]
    public int CodeSize { get; set; } = 8;

    /// <summary>What a step of the flow does.</summary>
    [Defined]
    public FlowForm Flow { get; set; } = FlowForm.Planar;

    /// <summary>Steps of the flow (K). From 0, the plain variational autoencoder, to 128; the paper has 10 to 80.</summary>
    [TakesMemory, Between(0, FlowModel.MostSteps), Range(0, 16, init: 8)]
    public int FlowLength { get; set; } = 8;

    /// <summary>Whether the flow is the same for all rows; else the encoder gives it for each, as in the paper.</summary>
    [AnyValue]
    public bool SharedFlow { get; set; }

    /// <summary>
    /// The standard deviation of numbers around what the decoder gives, with <see cref="Likelihood.Gaussian"/>, where that of a number over the training rows
    /// is 1. The lower, the more of a row its code must say. From 0.01 to 10.
    /// </summary>
    [Between(0.01, 10), Range(0.1, 1.0, init: 0.3, logBase: true)]
    public double Deviation { get; set; } = 0.3;

    /// <summary>
    /// Pixels on each side of an image that one place of the smallest convolution sees, with <see cref="AutoencoderOptions.ImageShape"/>: 1, 2, 4 or 8, and a
    /// divisor of the height and width of the image.
    /// </summary>
    [TakesMemory, Between(1, 8)]
    public int Downsampling { get; set; } = 4;

    /// <summary>Channels of the convolutions. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096), Range(8, 128, init: 32, logBase: true)]
    public int Channels { get; set; } = 32;

    /// <summary>
    /// Steps in which ln p(x, z) grows from a hundredth of its weight in the loss to all of it (equation 20); the paper has 10,000 of 500,000. 0 for all of it
    /// from the first. At least 0.
    /// </summary>
    [AtLeast(0)]
    public int AnnealingSteps { get; set; }

    /// <summary>From how many codes of a row its bound is computed. From 1 to 1000.</summary>
    [Between(1, FlowModel.MostSamples)]
    public int EvaluationSamples { get; set; } = 10;

    /// <summary>From rows to what codes are made of.</summary>
    /// <param name="input">What a row is to it.</param>
    internal LayeredArchitecture Encoder(ImageShape input) => new()
    {
        Input = input,
        Layers =
        [
            .. ImageShape is null ? AutoencoderLayers.Hidden(HiddenUnits) : Convolutions(),
            new Dense((2 * CodeSize) + (SharedFlow ? 0 : FlowParameters)),
        ],
    };

    /// <summary>From codes to rows.</summary>
    /// <param name="output">What a row is.</param>
    internal LayeredArchitecture Decoder(ImageShape output)
    {
        int height = output.Height / Downsampling, width = output.Width / Downsampling;
        return new()
        {
            Input = new(CodeSize, 1, 1),
            Layers = ImageShape is null
                ? [.. AutoencoderLayers.Hidden(HiddenUnits.Reverse()), new Dense(output.Size)]
                :
                [
                    new Dense(checked(Channels * height * width)), new Rectifier(), new Reshaping(Channels, height, width),
                    .. AutoencoderLayers.Larger(Halvings, Channels, output.Channels),
                ],
        };
    }

    /// <summary>Parameters of all steps of a flow.</summary>
    internal int FlowParameters => FlowLength * FlowAutoencoder.Flow.Of(Flow, CodeSize).ParameterCount;

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

    // Without a convolution that halves the image, one sees it as it is.
    private IEnumerable<Layer> Convolutions() =>
        Halvings == 0 ? [new Convolution(Channels, 3), new Rectifier()] : AutoencoderLayers.Smaller(Halvings, Channels);
}
