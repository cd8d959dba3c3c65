using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>The prediction of hidden words by BERT in ML.NET's catalog of text transforms.</summary>
public static class MaskedWordCatalog
{
    /// <summary>Says for each mark in a text, "[MASK]" by default, which pieces of words may stand there, and how likely each is.</summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">
    /// The column that receives the pieces, a vector of texts; their probabilities stand in a column of this name with ".Probability" behind it.
    /// </param>
    /// <param name="inputColumnName">The column with the texts. Null means the name of the output, which then hides it.</param>
    /// <param name="bert">A BERT that predicts words, as <c>FeaturizeTextWithBert</c> trains one. It is not changed, and may be disposed afterwards.</param>
    /// <param name="options">The mark, and how many pieces are given; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator that learns nothing.</returns>
    /// <exception cref="InvalidOperationException">The BERT predicts no words: it was trained or published without the part that does.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019, arXiv:1810.04805, section 3.1. See
    /// <see cref="MaskedWordTransformer"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// var guesses = mlContext.Transforms.Text.PredictMaskedWords("Words", "Text", bert, new() { Count = 3 });
    /// </code>
    /// </example>
    public static MaskedWordEstimator PredictMaskedWords(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, BertTransformer bert,
        MaskedWordOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), bert, outputColumnName, inputColumnName ?? outputColumnName, options);
}
