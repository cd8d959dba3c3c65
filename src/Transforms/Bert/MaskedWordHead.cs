using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Bert;

/// <summary>A trained head that predicts hidden pieces, as transformers keep and save it. Immutable.</summary>
internal sealed record MaskedWordHead(
    [Block("maskedWords")] MaskedWordArchitecture Architecture, [Block("maskedWords")] NetworkWeights Weights) : IModelRecord
{
    /// <summary>The head of a BERT that must have one.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public static MaskedWordHead Require(MaskedWordHead? head) => head ?? throw new InvalidOperationException(
        "This BERT predicts no words: it was trained without KeepMaskedWordHead, or published without the part that predicts them. " +
        "FeaturizeTextWithBert learns that part from texts, going on from this BERT if it is given it.");

    /// <summary>What predicts on a CPU.</summary>
    /// <param name="encoder">The encoder, whose table is that of the outputs.</param>
    public MaskedWordArchitecture.Kernel ToKernel(BertModel encoder) =>
        Architecture.ToKernel(encoder.Weights[BertArchitecture.Words], name => Weights[name]);

    /// <summary>What is wrong with it beside an encoder, a sentence; null if nothing is.</summary>
    public string? FindFault(BertArchitecture encoder) =>
        Architecture == MaskedWordArchitecture.Of(encoder) ? null : "Block 'maskedWords' does not fit the encoder.";
}
