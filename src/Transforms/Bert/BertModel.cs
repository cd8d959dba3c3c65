using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.WordPieces;

namespace MLNet.Papers.Bert;

/// <summary>A trained encoder outside of torch with all that reads texts for it, as transformers keep and save it. Immutable.</summary>
/// <param name="Vocabulary">The pieces; there may be fewer than the network has vectors.</param>
/// <param name="Rules">How texts are cut into words.</param>
/// <param name="Architecture">The network.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="MaxLength">The most pieces of a text that are read, its marks counted; from 3 to the positions of the network.</param>
/// <param name="Pooling">How the vectors of the pieces become that of a text, where nothing else is asked for.</param>
/// <param name="Normalizes">Whether a text's vector then gets the length 1.</param>
[Block("bert")]
internal sealed record BertModel(
    WordPieceVocabulary Vocabulary,
    WordPieceRules Rules,
    [Block] BertArchitecture Architecture,
    NetworkWeights Weights,
    int MaxLength,
    Pooling Pooling = Pooling.Mean,
    bool Normalizes = false) : IModelRecord
{
    /// <summary>The fewest pieces that <see cref="MaxLength"/> may be: the marks and a piece.</summary>
    public const int LeastLength = 3;

    public string? FindFault()
    {
        if (Rules.FindFault() is { } fault)
            return $"Block 'bert' has no such rules: {fault}";
        if (Vocabulary.Count > Architecture.Pieces)
            return $"Block 'vocabulary' has {Vocabulary.Count} pieces, but the network has vectors for {Architecture.Pieces}.";
        return MaxLength < LeastLength || MaxLength > Architecture.Positions
            ? $"Block 'bert' has the MaxLength {MaxLength}, but the network has {Architecture.Positions} positions."
            : null;
    }
}
