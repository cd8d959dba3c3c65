using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>The fastText classifier in ML.NET's catalog of multiclass trainers.</summary>
public static class FastTextTrainerCatalog
{
    /// <summary>
    /// Trains a fastText classifier: a linear classifier over the mean of the vectors of a text's words and n-grams, as fast as the texts can be read.
    /// </summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">
    /// The label: a key; or a text, number or Boolean, whose distinct values become the classes; with one-versus-all loss also a vector of keys.
    /// </param>
    /// <param name="textColumnName">The texts: a text or a vector of texts.</param>
    /// <param name="options">How it is trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (key) and Score (vector of Single: class probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// Joulin, Grave, Bojanowski and Mikolov, "Bag of Tricks for Efficient Text Classification", EACL 2017, arXiv:1607.01759. See
    /// <see cref="FastTextTrainer"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// var classifier = mlContext.MulticlassClassification.Trainers.FastText("Label", "Text", new() { WordNgrams = 2 }).Fit(rows);
    /// </code>
    /// </example>
    public static FastTextTrainer FastText(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string textColumnName = "Text",
        FastTextClassifierOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), labelColumnName, textColumnName, options);
}
