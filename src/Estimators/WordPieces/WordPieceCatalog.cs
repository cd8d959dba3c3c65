using MLNet.Papers;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Word pieces in ML.NET's catalog of text transforms.</summary>
public static class WordPieceCatalog
{
    /// <summary>Learns a vocabulary of pieces of words from texts, and cuts texts into such pieces.</summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">The column that receives the pieces: a vector of keys of any length. See <see cref="WordPieceTransformer"/>.</param>
    /// <param name="inputColumnName">The column with the texts, one a row. Null means the name of the output, which then hides it.</param>
    /// <param name="options">How the vocabulary is learned and what is put out; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <remarks>Wu et al., "Google's Neural Machine Translation System", 2016, arXiv:1609.08144, section 4.1. See <see cref="WordPieceEstimator"/>.</remarks>
    /// <example>
    /// <code>
    /// WordPieceTransformer pieces = mlContext.Transforms.Text.TokenizeIntoWordPieces("Pieces", "Text", new() { VocabularySize = 8_000 }).Fit(texts);
    /// pieces.SaveVocabulary("vocab.txt");
    /// </code>
    /// </example>
    public static WordPieceEstimator TokenizeIntoWordPieces(
        this TransformsCatalog.TextTransforms catalog, string outputColumnName, string? inputColumnName = null, WordPieceOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);

    /// <summary>Cuts texts into pieces of words by the vocabulary of a published model.</summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">The column that receives the pieces: a vector of keys of any length. See <see cref="WordPieceTransformer"/>.</param>
    /// <param name="inputColumnName">The column with the texts, one a row. Null means the name of the output, which then hides it.</param>
    /// <param name="vocabularyPath">
    /// The file <c>vocab.txt</c>: text in UTF-8, a piece on each line, [UNK], [CLS] and [SEP] among them. It is read at once, and not needed any more
    /// afterwards.
    /// </param>
    /// <param name="options">How texts are cut into words and what is put out; null for the defaults. Copied: later changes have no effect.</param>
    /// <returns>An estimator that learns nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <exception cref="FormatException">The file is no vocabulary; the message names the line.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <remarks>Devlin et al., "BERT", NAACL 2019, arXiv:1810.04805. See <see cref="WordPieceTransformer"/>.</remarks>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Text.ApplyWordPieces("Pieces", "Text", "vocab.txt", new() { WithOffsets = true });
    /// </code>
    /// </example>
    public static PretrainedWordPieceEstimator ApplyWordPieces(
        this TransformsCatalog.TextTransforms catalog,
        string outputColumnName,
        string? inputColumnName,
        string vocabularyPath,
        PretrainedWordPieceOptions? options = null) =>
        new(Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, vocabularyPath, options);
}
