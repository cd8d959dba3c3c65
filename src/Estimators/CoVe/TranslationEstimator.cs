using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.CoVe;
using MLNet.Papers.FastText;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Learns to translate texts, and the vectors of their words with it.</summary>
/// <remarks>
/// <para><b>Source.</b> McCann, Bradbury, Xiong and Socher, "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107, section 3; Hill, Cho, Jean, Devin and Bengio,
/// "Embedding Word Similarity with Neural Machine Translation", ICLR 2015 workshop, arXiv:1412.6448, whose word vectors are a translation model's own table.</para>
/// <para><b>Input.</b> As for <see cref="CoVeEstimator"/>, but that the vectors of the source's words are learned with the rest. A source word that is rare, or holds white space, has none.
/// </para>
/// <para><b>Output.</b> See <see cref="TranslationTransformer"/>.</para>
/// <para><b>Loss, training data, randomness.</b> As for <see cref="CoVeEstimator"/>; the rows are read once.</para>
/// </remarks>
public sealed class TranslationEstimator : IEstimator<TranslationTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _inputColumnName;
    private readonly TranslationOptions _options;
    private readonly TranslationOutputs _outputs;

    internal TranslationEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, TranslationOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        _environment = environment;
        _inputColumnName = inputColumnName;
        _options = (TranslationOptions)(options ?? new()).Copy();
        _options.Validate();
        _outputs = TranslationOutputs.Of(outputColumnName, inputColumnName, _options.Outputs());
    }

    /// <summary>Learns from all rows of <paramref name="input"/> that have a text and its translation.</summary>
    /// <param name="input">The texts and their translations; read once.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or neither a text nor a vector of texts.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are too few pairs for two batches, or more than MaxPairs; no word occurs MinSourceCount or MinTargetCount times; the loss or a weight is not finite; the GPU is missing; or the
    /// checkpoint belongs to another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public TranslationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var training = new TranslationTraining(_environment, _inputColumnName, _options);
        training.Check(input);
        TrainedTranslation trained = training.Run(input, (source, _) => SourceWords.Learned(source, _options, training.CheckCancelled));
        FastTextModel vectors = VectorFile.ModelOf(trained.Words.Entries(), trained.LearnedVectors![trained.Words.Size..], trained.Words.Size);
        return new TranslationTransformer(_environment, new TranslationTransformer.State(_outputs, new EncoderModel(trained.Encoder, trained.EncoderWeights, vectors), trained.Decoder));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireText(inputSchema, _inputColumnName);
        InputColumns.RequireText(inputSchema, _options.TargetColumnName);
        return SchemaShapes.With(inputSchema, [SchemaShapes.Column(_outputs.OutputColumnName, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance)]);
    }
}
