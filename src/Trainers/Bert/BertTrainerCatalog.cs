using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>What learns from labels over a BERT, in ML.NET's catalogs.</summary>
public static class BertTrainerCatalog
{
    /// <summary>Trains a BERT that exists, all of it, to classify texts or pairs of texts.</summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">The label: a key; or a text, number or Boolean, whose distinct values become the classes.</param>
    /// <param name="textColumnName">The texts.</param>
    /// <param name="bert">What training begins with: a published encoder, or one that was trained here. It is not changed.</param>
    /// <param name="secondTextColumnName">The second text of each pair; null where texts are classified alone.</param>
    /// <param name="options">How it is trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (key) and Score (vector of Single: class probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule, or asks for more than the encoder has.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="bert"/> is null.</exception>
    /// <remarks>Devlin et al., NAACL 2019, arXiv:1810.04805. See <see cref="BertClassifierTrainer"/>.</remarks>
    /// <example>
    /// <code>
    /// BertTransformer bert = mlContext.Transforms.Text.ApplyBert("Features", "Text", "model.onnx", "vocab.txt").Fit(anyTexts);
    /// var classifier = mlContext.MulticlassClassification.Trainers.BertClassifier("Label", "Text", bert).Fit(labelledTexts);
    /// </code>
    /// </example>
    public static BertClassifierTrainer BertClassifier(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName,
        string textColumnName,
        BertTransformer bert,
        string? secondTextColumnName = null,
        BertClassifierOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), labelColumnName, textColumnName, bert, secondTextColumnName, options);

    /// <summary>Trains a BERT that exists, all of it, to give texts or pairs of texts a number.</summary>
    /// <param name="catalog">The catalog of trainers of regression.</param>
    /// <param name="labelColumnName">The label: a Single.</param>
    /// <param name="textColumnName">The texts.</param>
    /// <param name="bert">What training begins with: a published encoder, or one that was trained here. It is not changed.</param>
    /// <param name="secondTextColumnName">The second text of each pair; null where texts stand alone.</param>
    /// <param name="options">How it is trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its output is Score (Single).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule, or asks for more than the encoder has.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="bert"/> is null.</exception>
    /// <remarks>Devlin et al., NAACL 2019, arXiv:1810.04805. See <see cref="BertRegressorTrainer"/>.</remarks>
    /// <example>
    /// <code>
    /// var likeness = mlContext.Regression.Trainers.BertRegressor("Likeness", "First", bert, "Second").Fit(pairs);
    /// </code>
    /// </example>
    public static BertRegressorTrainer BertRegressor(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName,
        string textColumnName,
        BertTransformer bert,
        string? secondTextColumnName = null,
        BertRegressorOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), labelColumnName, textColumnName, bert, secondTextColumnName, options);

    /// <summary>Trains a BERT that exists, all of it, to give each token of a text a label.</summary>
    /// <param name="catalog">The catalog of multiclass trainers.</param>
    /// <param name="labelColumnName">The labels: a vector of keys, texts, numbers or Booleans, one for each token.</param>
    /// <param name="tokensColumnName">The tokens: a vector of texts, or a text whose tokens stand between white space.</param>
    /// <param name="bert">What training begins with: a published encoder, or one that was trained here. It is not changed.</param>
    /// <param name="options">How it is trained; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator; its outputs are PredictedLabel (vector of keys) and Score (vector of Single: for each token the labels' probabilities).</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule, or asks for more than the encoder has.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="bert"/> is null.</exception>
    /// <remarks>Devlin et al., NAACL 2019, arXiv:1810.04805. See <see cref="BertTaggerTrainer"/>.</remarks>
    /// <example>
    /// <code>
    /// var tagger = mlContext.MulticlassClassification.Trainers.BertTagger("Tags", "Tokens", bert).Fit(taggedSentences);
    /// </code>
    /// </example>
    public static BertTaggerTrainer BertTagger(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName,
        string tokensColumnName,
        BertTransformer bert,
        BertTaggerOptions? options = null) => new(Host.EnvironmentOf(catalog), labelColumnName, tokensColumnName, bert, options);
}
