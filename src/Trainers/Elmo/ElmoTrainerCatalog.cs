using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>What learns from labels over ELMo, in ML.NET's catalog of multiclass trainers.</summary>
public static class ElmoTrainerCatalog
{
    /// <summary>Trains a classifier of texts over a language model, whose layers it learns to weigh together with the classes.</summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="pretrained">The language model; it is not changed.</param>
    /// <param name="labelColumnName">The label: a key; or a text, number or Boolean, whose distinct values become the classes.</param>
    /// <param name="textColumnName">The texts: a vector of texts, the tokens, or a text whose tokens stand between white space.</param>
    /// <param name="options">How it is trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (key) and Score (vector of Single: class probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="pretrained"/> is null.</exception>
    /// <remarks>Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365. See <see cref="ElmoClassifierTrainer"/>.</remarks>
    /// <example>
    /// <code>
    /// ElmoTransformer elmo = mlContext.Transforms.Text.FeaturizeTextWithElmo("Features", "Text").Fit(manyTexts);
    /// var classifier = mlContext.MulticlassClassification.Trainers.ElmoClassifier(elmo, "Label", "Text").Fit(labelledTexts);
    /// </code>
    /// </example>
    public static ElmoClassifierTrainer ElmoClassifier(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        ElmoTransformer pretrained,
        string labelColumnName = "Label",
        string textColumnName = "Text",
        ElmoClassifierOptions? options = null) => new(Host.EnvironmentOf(catalog), pretrained, labelColumnName, textColumnName, options);

    /// <summary>
    /// Trains a tagger, which gives each token of a text a label by the token's vector, whose layers it learns to weigh together with the labels.
    /// </summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">The labels: a vector of keys, one for each token.</param>
    /// <param name="tokenVectorsColumnName">
    /// The vectors of the tokens one after the other, from <c>FeaturizeTextWithElmo</c> with a TokenVectorsColumnName or from anywhere else.
    /// </param>
    /// <param name="options">How it is trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (vector of keys) and Score (vector of Single: for each token the labels' probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365. See <see cref="ElmoTaggerTrainer"/>.</remarks>
    /// <example>
    /// <code>
    /// var tagger = elmo.WithOutputs("Features", "Tokens", new() { Representation = ElmoRepresentation.AllLayers, TokenVectorsColumnName = "Vectors" });
    /// var model = mlContext.MulticlassClassification.Trainers.ElmoTagger("Tags", "Vectors", new() { Layers = elmo.LayerCount + 1 })
    ///     .Fit(tagger.Transform(tagged));
    /// </code>
    /// </example>
    public static ElmoTaggerTrainer ElmoTagger(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string tokenVectorsColumnName = "TokenVectors",
        ElmoTaggerOptions? options = null) => new(Host.EnvironmentOf(catalog), labelColumnName, tokenVectorsColumnName, options);
}
