using MLNet.Papers.Layers;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Tests.NewTechnique.DenoisingAutoencoder;

/// <summary>Options of <see cref="DenoisingAutoencoderEstimator"/>.</summary>
internal sealed class DenoisingAutoencoderOptions : MinibatchOptions
{
    /// <summary>The image that a row is; null for plain vectors.</summary>
    [TakesMemory, PositiveDimensions]
    public ImageShape? ImageShape { get; set; }

    /// <summary>The length of a code. At least 1.</summary>
    [TakesMemory, Between(1, 1 << 16)]
    public int CodeSize { get; set; } = 32;

    /// <summary>The part of the values that is set to 0 in training. From 0 to 0.9.</summary>
    [Between(0, 0.9)]
    public double Corruption { get; set; } = 0.25;

    /// <summary>From rows to codes.</summary>
    internal LayeredArchitecture Encoder(int inputs) => new() { Input = ImageShape ?? new(inputs, 1, 1), Layers = [new Dense(CodeSize), new Sigmoid()] };

    /// <summary>From codes to rows.</summary>
    internal LayeredArchitecture Decoder(int inputs) => new() { Input = new(CodeSize, 1, 1), Layers = [new Dense(inputs)] };
}
