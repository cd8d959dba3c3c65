using MLNet.Papers.Persistence;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Elmo;

/// <summary>What turns the top layer into probabilities of words: needed to measure perplexity, not to make vectors.</summary>
/// <param name="Vocabulary">V words.</param>
/// <param name="Weight">(V, P), shared by both directions.</param>
/// <param name="Bias">(V).</param>
internal sealed record ElmoLanguageModel(
    TokenVocabulary Vocabulary,
    [Block("softmax.weight"), Dimensions(nameof(ElmoLanguageModel.Words), nameof(ElmoLanguageModel.Size))] float[] Weight,
    [Block("softmax.bias"), Dimensions(nameof(ElmoLanguageModel.Words))] float[] Bias) : IModelRecord
{
    /// <summary>V.</summary>
    public int Words => Vocabulary.Count;

    /// <summary>P.</summary>
    public int Size => Weight.Length / Words;
}
