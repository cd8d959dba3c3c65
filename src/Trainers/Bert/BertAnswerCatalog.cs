using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Answers by BERT, in ML.NET's catalog of text transforms.</summary>
public static class BertAnswerCatalog
{
    /// <summary>Trains a BERT that exists, all of it, to answer questions about a context with words of the context.</summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">The column of answers; with ".Start" and ".Score" behind its name, where they begin and how probable they are.</param>
    /// <param name="questionColumnName">The questions.</param>
    /// <param name="contextColumnName">The contexts.</param>
    /// <param name="bert">What training begins with: a published encoder, or one that was trained here. It is not changed.</param>
    /// <param name="options">
    /// The columns of the answers to learn from, and how it is trained; null for the defaults. Copied: later changes have no effect.
    /// </param>
    /// <returns>An estimator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule, or asks for more than the encoder has.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="bert"/> is null.</exception>
    /// <remarks>Devlin et al., NAACL 2019, arXiv:1810.04805. See <see cref="BertAnswerEstimator"/>.</remarks>
    /// <example>
    /// <code>
    /// var answers = mlContext.Transforms.Text.AnswerWithBert("Found", "Question", "Context", bert).Fit(answeredQuestions);
    /// </code>
    /// </example>
    public static BertAnswerEstimator AnswerWithBert(
        this TransformsCatalog.TextTransforms catalog,
        string outputColumnName,
        string questionColumnName,
        string contextColumnName,
        BertTransformer bert,
        BertAnswerOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, questionColumnName, contextColumnName, bert, options);
}
