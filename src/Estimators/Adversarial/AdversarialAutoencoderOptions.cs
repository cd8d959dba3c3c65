using Microsoft.ML.SearchSpace;
using MLNet.Papers.Adversarial;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>The options of techniques that learn codes of rows against a discriminator.</summary>
public abstract class AdversarialAutoencoderOptions : AutoencoderOptions
{
    private protected AdversarialAutoencoderOptions() => Beta2 = 0.999;

    /// <summary>L, the length of a code. From 1 to 1024.</summary>
    [TakesMemory, Between(1, 1024), Range(2, 128, init: 50, logBase: true)]
    public virtual int CodeSize { get; set; } = 50;

    /// <summary>
    /// Channels of the two convolutions through which encoder and discriminator see an image, with <see cref="AutoencoderOptions.ImageShape"/>. From 1 to 4096.
    /// </summary>
    [TakesMemory, Between(1, 4096), Range(8, 128, init: 32, logBase: true)]
    public int Channels { get; set; } = 32;

    /// <summary>Rows of an optimizer step; an epoch spreads its rows evenly over as many batches as are full, so that a batch may have a few more. From 2 to
    /// 4096.</summary>
    [TakesMemory, Between(2, 4096), Range(32, 512, init: 128, logBase: true)]
    public override int BatchSize { get; set; } = 128;

    /// <summary>Adam's step size at the start; its first moment keeps 0.5 at a step. Greater than 0 and at most 1.</summary>
    [LearningRate, Range(1e-5, 1e-2, init: 2e-4, logBase: true)]
    public override double LearningRate { get; set; } = 2e-4;

    internal override OptimizerSettings OptimizerSettings => new AdamSettings { Beta1 = 0.5, Beta2 = Beta2 };

    /// <summary>From what rows are to it to codes.</summary>
    internal LayeredArchitecture Encoder(ImageShape input) => new() { Input = input, Layers = [.. Seen(), .. Hidden(HiddenUnits), new Dense(CodeSize)] };

    /// <summary>From codes to rows.</summary>
    internal LayeredArchitecture Decoder(ImageShape output) => new()
    {
        Input = new(CodeSize, 1, 1),
        Layers = [.. Hidden(HiddenUnits.Reverse()), new Dense(output.Size)],
    };

    /// <summary>Judges rows of that form, and with them a vector.</summary>
    /// <param name="input">What rows are to it.</param>
    /// <param name="beside">The length of the vector; 0 for none.</param>
    internal DiscriminatorArchitecture Discriminator(ImageShape input, int beside) => DiscriminatorArchitecture.Of(input, Seen(), Hidden(HiddenUnits), beside);

    /// <summary>Hidden layers of what is judged.</summary>
    internal static Layer[] Hidden(IEnumerable<int> units) =>
        [.. units.SelectMany(count => (Layer[])[new Dense(count), new LeakyRectifier(Slope)])];

    private const double Slope = 0.2;

    private Layer[] Seen() => ImageShape is null
        ? []
        : [new Convolution(Channels, 3, Stride: 2), new LeakyRectifier(Slope), new Convolution(Channels, 3, Stride: 2), new LeakyRectifier(Slope)];
}
