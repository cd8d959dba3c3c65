using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Translation in ML.NET's catalog of text transforms.</summary>
public static class TranslationCatalog
{
    /// <summary>Learns to translate texts, and translates texts.</summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">The column that receives the translations: a text, the tokens with a space between them.</param>
    /// <param name="inputColumnName">
    /// The column with the texts: a vector of texts, the tokens, or a text whose tokens stand between white space. Null means the name of the output, which
    /// then hides it.
    /// </param>
    /// <param name="options">How the model is learned, from which column of translations, and how translations are looked for; null for the defaults. Copied:
    /// later changes have no effect.
    /// </param>
    /// <returns>An estimator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// McCann et al., "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107; for the word vectors that it learns, Hill et al.,
    /// "Embedding Word Similarity with Neural Machine Translation", ICLR 2015 workshop, arXiv:1412.6448. See <see cref="TranslationEstimator"/>.
    /// </remarks>
    public static TranslationEstimator Translate(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null, TranslationOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);
}
