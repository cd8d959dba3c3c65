using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Learning word vectors in ML.NET's catalog of text transforms.</summary>
public static class FastTextCatalog
{
    /// <summary>
    /// Learns vectors of words and of the n-grams of their letters from the texts themselves, and turns texts into vectors with them. Words that were never
    /// seen, misspelt ones too, have vectors as well.
    /// </summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">The column that receives the vectors: a vector of Single of length Dimension.</param>
    /// <param name="inputColumnName">The column with the texts: a text or a vector of texts. Null means the name of the output, which then hides it.</param>
    /// <param name="options">How the vectors are learned; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword Information", TACL 5, 2017, arXiv:1607.04606. See
    /// <see cref="FastTextEstimator"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Text.FeaturizeTextWithFastText("Features", "Text", new() { Dimension = 100, Epochs = 5 })
    ///     .Append(mlContext.BinaryClassification.Trainers.SdcaLogisticRegression());
    /// </code>
    /// </example>
    public static FastTextEstimator FeaturizeTextWithFastText(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null, FastTextOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);
}
