using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>CoVe, and the translation that it is learned by, in ML.NET's catalog of text transforms.</summary>
public static class CoVeCatalog
{
    /// <summary>
    /// Learns to translate texts, and turns texts into vectors with the encoder that it learned: one of the whole text, and on request one of each token, which
    /// depends on the tokens around it.
    /// </summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">
    /// The column that receives the texts' vectors: a vector of Single of length E + 2 · HiddenSize, more with other options.
    /// </param>
    /// <param name="inputColumnName">
    /// The column with the texts: a vector of texts, the tokens, or a text whose tokens stand between white space. Null means the name of the output, which
    /// then hides it.
    /// </param>
    /// <param name="options">
    /// How the model is learned, from which column of translations, and what is put out; null for the defaults. Copied: later changes have no effect.
    /// </param>
    /// <returns>An estimator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule, or two columns have the same name.</exception>
    /// <remarks>McCann et al., "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107. See <see cref="CoVeEstimator"/>.</remarks>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Text.FeaturizeTextWithCoVe("Features", "English", new() { TargetColumnName = "German", WordVectors = words.Model })
    ///     .Append(mlContext.BinaryClassification.Trainers.SdcaLogisticRegression());
    /// </code>
    /// </example>
    public static CoVeEstimator FeaturizeTextWithCoVe(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null, CoVeOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);

    /// <summary>Translates texts with the model that CoVe's vectors were learned by.</summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">The column that receives the translations.</param>
    /// <param name="inputColumnName">The column with the texts. Null means the name of the output, which then hides it.</param>
    /// <param name="model">A transformer whose decoder was kept. It may be disposed afterwards.</param>
    /// <param name="options">How translations are looked for; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator that learns nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <exception cref="InvalidOperationException">The model has no decoder.</exception>
    /// <remarks>
    /// McCann et al., "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107. See <see cref="TranslationTransformer"/>.
    /// </remarks>
    public static PretrainedTranslationEstimator ApplyTranslation(
        this TransformsCatalog.TextTransforms catalog,
        string outputColumnName,
        string? inputColumnName,
        CoVeTransformer model,
        TranslationOutputOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new(
            Host.EnvironmentOf(catalog),
            outputColumnName,
            inputColumnName ?? outputColumnName,
            model.Encoder,
            model.Decoder ?? throw new InvalidOperationException("This model cannot translate: it was trained without KeepDecoder."),
            options);
    }
}
