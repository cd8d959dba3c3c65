using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.CoVe;

/// <summary>A trained encoder outside of torch, with the vectors of the words that it reads, as transformers keep and save it. Immutable.</summary>
internal sealed record EncoderModel(
    [Block("encoder")] EncoderArchitecture Architecture, [Block("encoder")] NetworkWeights Weights, FastTextModel WordVectors) : IModelRecord
{
    string? IModelRecord.FindFault() => WordVectors.Dimension == Architecture.EmbeddingSize
        ? null
        : $"The word vectors have {WordVectors.Dimension} values, but the encoder reads {Architecture.EmbeddingSize}.";
}
