using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Texts;

namespace MLNet.Papers.CoVe;

/// <summary>A trained decoder outside of torch, with the words that it writes. Immutable.</summary>
internal sealed record DecoderModel(
    [Block("decoder")] DecoderArchitecture Architecture, [Block("decoder")] NetworkWeights Weights, TokenVocabulary Vocabulary) : IModelRecord
{
    string? IModelRecord.FindFault() => Vocabulary.Count == Architecture.Words
        ? null
        : $"Block 'vocabulary.words' has {Vocabulary.Count} words with the marks, but the decoder writes {Architecture.Words}.";

    /// <summary>What is wrong with a saved decoder, which must begin with what an encoder gives; or null.</summary>
    public string? FindFault(EncoderArchitecture encoder) => Architecture.StateSize == encoder.LayerSize && Architecture.Layers == encoder.Layers
        ? null
        : "Block 'decoder' does not fit block 'encoder'.";
}
