using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>ELMo in ML.NET's catalog of text transforms.</summary>
public static class ElmoCatalog
{
    /// <summary>
    /// Learns a bidirectional language model from the texts themselves, and turns texts into vectors with it: one of the whole text, and on request one of each
    /// token, which depends on the tokens around it.
    /// </summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">
    /// The column that receives the texts' vectors: a vector of Single of length 2 · ProjectionSize, more with other options.
    /// </param>
    /// <param name="inputColumnName">
    /// The column with the texts: a vector of texts, the tokens, or a text whose tokens stand between white space. Null means the name of the output, which
    /// then hides it.
    /// </param>
    /// <param name="options">How the model is learned and what is put out; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365. See <see cref="ElmoEstimator"/>.</remarks>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Text.TokenizeIntoWords("Tokens", "Text")
    ///     .Append(mlContext.Transforms.Text.FeaturizeTextWithElmo("Features", "Tokens", new() { Pooling = Pooling.Mean, Epochs = 3 }));
    /// </code>
    /// </example>
    public static ElmoEstimator FeaturizeTextWithElmo(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null, ElmoOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);

    /// <summary>Turns texts into vectors with a language model from files in the published layout.</summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">The column that receives the texts' vectors.</param>
    /// <param name="inputColumnName">
    /// The column with the texts: a vector of texts, the tokens, or a text whose tokens stand between white space. Null means the name of the output, which
    /// then hides it.
    /// </param>
    /// <param name="optionsPath">
    /// The file that describes the network, <c>options.json</c>. Both files are read at once, and not needed any more afterwards.
    /// </param>
    /// <param name="weightsPath">The file with its weights, <c>.hdf5</c>.</param>
    /// <param name="options">What is put out; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator that learns nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule, or there are not as many weights of the mix as layers.</exception>
    /// <exception cref="FormatException">A file is damaged or of another layout; the message names the field.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <remarks>
    /// Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365. The published program carries its states from batch to batch;
    /// here every text begins from zero states. See <see cref="ElmoTransformer"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Text.ApplyElmo("Features", "Tokens", "options.json", "weights.hdf5")
    ///     .Append(mlContext.BinaryClassification.Trainers.SdcaLogisticRegression());
    /// </code>
    /// </example>
    public static PretrainedElmoEstimator ApplyElmo(
        this TransformsCatalog.TextTransforms catalog,
        string outputColumnName,
        string? inputColumnName,
        string optionsPath,
        string weightsPath,
        ElmoOutputOptions? options = null) =>
        new(
            Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, MLNet.Papers.Elmo.PublishedElmo.Load(optionsPath, weightsPath),
            options);
}
