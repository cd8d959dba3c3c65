using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Existing fastText models in ML.NET's catalog of text transforms.</summary>
public static class FastTextPretrainedCatalog
{
    /// <summary>Turns texts into vectors with a fastText model from a file, such as those that are published for many languages.</summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">The column that receives the vectors: a vector of Single of the model's dimension.</param>
    /// <param name="inputColumnName">The column with the texts: a text or a vector of texts. Null means the name of the output, which then hides it.</param>
    /// <param name="modelPath">A <c>.bin</c>, <c>.ftz</c> or <c>.vec</c> file. It is read at once, and not needed any more afterwards.</param>
    /// <returns>An estimator that learns nothing.</returns>
    /// <exception cref="FormatException">The file is not a fastText model, or damaged; the message names the field.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <remarks>
    /// Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword Information", TACL 5, 2017, arXiv:1607.04606. See <see
    /// cref="FastTextTransformer"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Text.ApplyFastText("Features", "Text", "wiki.en.bin")
    ///     .Append(mlContext.BinaryClassification.Trainers.SdcaLogisticRegression());
    /// </code>
    /// </example>
    public static PretrainedFastTextEstimator ApplyFastText(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, string modelPath) =>
        catalog.ApplyFastText(outputColumnName, inputColumnName, FastTextModel.Load(modelPath));

    /// <summary>Turns texts into vectors with a fastText model that was read or trained already.</summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">The column that receives the vectors: a vector of Single of the model's dimension.</param>
    /// <param name="inputColumnName">The column with the texts: a text or a vector of texts. Null means the name of the output, which then hides it.</param>
    /// <param name="model">The model, which all transformers of the estimator share.</param>
    /// <returns>An estimator that learns nothing.</returns>
    /// <remarks>
    /// Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword Information", TACL 5, 2017, arXiv:1607.04606. See <see
    /// cref="FastTextTransformer"/>.
    /// </remarks>
    public static PretrainedFastTextEstimator ApplyFastText(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName, FastTextModel model) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, model);
}
