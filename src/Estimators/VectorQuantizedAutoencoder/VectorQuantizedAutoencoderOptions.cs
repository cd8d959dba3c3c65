using MLNet.Papers.Codes;

namespace MLNet.Papers;

/// <summary>Options of <see cref="VectorQuantizedAutoencoderEstimator"/>.</summary>
/// <inheritdoc/>
public sealed class VectorQuantizedAutoencoderOptions : VectorQuantizationOptions, ICodeOutputs
{
    /// <summary>Whether there is a column <c>(output).Quantized</c>: the vectors of the codes.</summary>
    [AnyValue]
    public bool WithQuantized { get; set; }

    /// <summary>Whether there is a column <c>(output).Reconstruction</c>: the row that the codes stand for.</summary>
    [AnyValue]
    public bool WithReconstruction { get; set; }

    /// <summary>Whether there is a column <c>(output).ReconstructionError</c>: how far that is from the row.</summary>
    [AnyValue]
    public bool WithReconstructionError { get; set; }

    /// <summary>
    /// How often the network that codes are drawn from goes through the codes of all rows, after the codebook was learned; 0 for none, without which
    /// <see cref="AutoencoderTransformer.Generate"/> is refused. At least 0.
    /// </summary>
    [AtLeast(0)]
    public int PriorEpochs { get; set; } = 10;

    /// <summary>Channels of that network. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096)]
    public int PriorChannels { get; set; } = 64;
}
