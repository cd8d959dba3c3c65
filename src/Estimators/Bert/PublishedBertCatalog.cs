using MLNet.Papers;
using MLNet.Papers.Bert;
using MLNet.Papers.Interop;

namespace Microsoft.ML;

/// <summary>Published encoders of BERT's kind in ML.NET's catalog of text transforms.</summary>
public static class PublishedBertCatalog
{
    /// <summary>Turns texts into vectors with a published encoder of BERT's kind: one of the whole text, and on request one of each word.</summary>
    /// <param name="catalog">The catalog of text transforms.</param>
    /// <param name="outputColumnName">The column that receives the texts' vectors: a vector of Single. See <see cref="BertTransformer"/>.</param>
    /// <param name="inputColumnName">
    /// The column with the texts: a text, or a vector of texts, its words. Null means the name of the output, which then hides it.
    /// </param>
    /// <param name="modelPath">
    /// The weights: <c>model.safetensors</c>, <c>pytorch_model.bin</c> or an export to ONNX in one file with numbers of 16 or 32 bits; or the folder that has
    /// one of them. What the files beside it say of the network, the tokenizer, the pooling and the length is kept to. All files are read at once, and not
    /// needed any more afterwards.
    /// </param>
    /// <param name="vocabularyPath">The vocabulary of word pieces; null for <c>vocab.txt</c> beside the weights.</param>
    /// <param name="options">What is put out; null for the defaults. Copied: later changes have no effect.</param>
    /// <param name="published">What the files do not say; null where they say all.</param>
    /// <returns>An estimator that learns nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option breaks its rule.</exception>
    /// <exception cref="FormatException">
    /// A file is damaged, or of another network; the message names the array or the field. The vocabulary has not as many pieces as the weights have vectors.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <remarks>
    /// Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019, arXiv:1810.04805.
    /// Files of PyTorch are read without running what they ask for.
    /// </remarks>
    /// <example>
    /// <code>
    /// // all-MiniLM-L6-v2 as it is published: config.json, vocab.txt, model.safetensors, modules.json and what belongs to them.
    /// var pipeline = mlContext.Transforms.Text.ApplyBert("Features", "Text", "all-MiniLM-L6-v2")
    ///     .AppendCacheCheckpoint(mlContext)   // the trainer goes over its rows many times
    ///     .Append(mlContext.MulticlassClassification.Trainers.SdcaMaximumEntropy());
    /// </code>
    /// </example>
    public static PretrainedBertEstimator ApplyBert(
        this TransformsCatalog.TextTransforms catalog,
        string outputColumnName,
        string? inputColumnName,
        string modelPath,
        string? vocabularyPath = null,
        BertOutputOptions? options = null,
        PublishedBertOptions? published = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelPath);
        if (vocabularyPath is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(vocabularyPath);
        published ??= new();
        published.Validate();
        // What is wrong with the options is said before long reading.
        options?.Validate();
        return new(
            Host.EnvironmentOf(catalog), outputColumnName, inputColumnName ?? outputColumnName, PublishedBert.Load(modelPath, vocabularyPath, published),
            options);
    }
}
