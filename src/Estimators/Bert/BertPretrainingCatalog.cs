using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>The pre-training of BERT in ML.NET's catalog of text transforms.</summary>
public static class BertPretrainingCatalog
{
    /// <summary>
    /// Learns to predict hidden pieces of words from the texts themselves, and turns texts into vectors with what was learned: one of the whole text, and on
    /// request one of each word, which depends on the words around it.
    /// </summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">The column that receives the texts' vectors: a vector of Single of length HiddenSize, more with other options.</param>
    /// <param name="inputColumnName">The column with the texts. Null means the name of the output, which then hides it.</param>
    /// <param name="options">How the model is learned and what is put out; null for the defaults. Copied: later changes have no effect.</param>
    /// <param name="start">
    /// A BERT to go on from, with its weights and pieces: a published one, or one that was trained on other texts; null to begin anew. It is not changed, and
    /// may be disposed afterwards. Where it does not predict hidden pieces, as published ones do not, what predicts them begins anew, with how often each piece
    /// occurs in the texts, and is learned with it. Vectors that were published for comparing texts by their angles compare them less well afterwards.
    /// </param>
    /// <returns>An estimator.</returns>
    /// <exception cref="ArgumentException">The vocabulary of the start has no piece [MASK], or it reads texts of fewer than 8 pieces.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>
    /// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019, arXiv:1810.04805. See
    /// <see cref="BertEstimator"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Text.FeaturizeTextWithBert("Features", "Text", new() { DocumentColumnName = "Article", Epochs = 10 });
    ///
    /// BertTransformer published = mlContext.Transforms.Text.ApplyBert("Features", "Text", "model.onnx", "vocab.txt").Fit(empty);
    /// var further = mlContext.Transforms.Text.FeaturizeTextWithBert("Features", "Text", new() { LearningRate = 1e-4, Epochs = 3 }, published);
    /// </code>
    /// </example>
    public static BertEstimator FeaturizeTextWithBert(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null, BertOptions? options = null,
        BertTransformer? start = null) =>
        new(Host.EnvironmentOf(catalog), start, outputColumnName, inputColumnName ?? outputColumnName, options);
}
