using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Codes;

/// <summary>The networks from rows to codes and back, and what a row is.</summary>
/// <param name="Layout">What a row is.</param>
/// <param name="Encoder">The network from rows to what codes are made of.</param>
/// <param name="EncoderWeights">Its weights.</param>
/// <param name="Decoder">The network from codes to what is said of a row.</param>
/// <param name="DecoderWeights">Its weights.</param>
internal sealed record AutoencoderModel(
    RowLayout Layout,
    [Block] LayeredArchitecture Encoder,
    [Block("encoder")] NetworkWeights EncoderWeights,
    [Block] LayeredArchitecture Decoder,
    [Block("decoder")] NetworkWeights DecoderWeights) : IModelRecord
{
    /// <summary>How many numbers both networks were trained to have.</summary>
    public long ParameterCount => Encoder.ParameterCount + Decoder.ParameterCount;

    /// <summary>How many rows at once are scored.</summary>
    public int BatchSize => Math.Min(Encoder.BatchSize, Decoder.BatchSize);

    /// <summary>The scoring form of the encoder.</summary>
    public EmbeddingScorer CreateEncoder(TorchDevice device) => EmbeddingScorer.Create(Encoder, EncoderWeights, device);

    /// <summary>The scoring form of the decoder.</summary>
    public EmbeddingScorer CreateDecoder(TorchDevice device) => EmbeddingScorer.Create(Decoder, DecoderWeights, device);

    /// <summary>What is wrong with networks that have these codes between them, or null.</summary>
    public string? FindFault(ICodes codes) => Encoder.OutputSize != codes.EncodedSize
        ? FormattableString.Invariant($"Block 'encoder' gives {Encoder.OutputSize} values, but codes are made of {codes.EncodedSize}.")
        : Decoder.InputSize != codes.LatentSize
            ? FormattableString.Invariant($"Block 'decoder' reads {Decoder.InputSize} values, but codes have {codes.LatentSize}.")
            : null;

    string? IModelRecord.FindFault() => Encoder.Input != Layout.Input || Decoder.OutputSize != Layout.Size
        ? FormattableString.Invariant($"Block 'rows' has {Layout.Size} values, but the networks read {Encoder.Input} and give {Decoder.OutputSize}.")
        : null;
}
