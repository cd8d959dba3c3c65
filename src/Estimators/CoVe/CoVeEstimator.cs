using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.CoVe;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Learns to translate texts, and turns their tokens into vectors that depend on the whole text with the encoder that it learned.</summary>
/// <remarks>
/// <para><b>Source.</b> McCann, Bradbury, Xiong and Socher, "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107.</para>
/// <para><b>Input.</b> A text, whose tokens are what stands between white space, or a vector of texts, the tokens; and in the same row its translation
/// (<see cref="TranslationTrainingOptions.TargetColumnName"/>). Rows where one of them is empty or too long are passed over, and counted in the log. Only the text is needed afterwards.</para>
/// <para><b>Output.</b> See <see cref="CoVeTransformer"/>.</para>
/// <para><b>Loss.</b> The mean cross-entropy of the target's tokens and its end, in nats; the log has the perplexity of validation.</para>
/// <para><b>Training data.</b> Read once, and once more for each epoch of fastText where word vectors are not given. Held: 4 bytes a token, and each different word. Memory of a step: about
/// 12 bytes for each target word (V) and each target token of a batch; less with <see cref="TranslationTrainingOptions.NegativeSamples"/>.</para>
/// <para><b>Randomness.</b> Initial weights, the order of pairs, what is held out, dropout and sampled words, all from Seed. The same seed, data and number of threads give the same
/// weights on a CPU.</para>
/// </remarks>
public sealed class CoVeEstimator : IEstimator<CoVeTransformer>
{
    private const int Buckets = 50_000;

    private readonly IHostEnvironment _environment;
    private readonly string _inputColumnName;
    private readonly CoVeOptions _options;
    private readonly CoVeOutputs _outputs;

    internal CoVeEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, CoVeOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        _environment = environment;
        _inputColumnName = inputColumnName;
        _options = (CoVeOptions)(options ?? new()).Copy();
        _options.Validate();
        _outputs = CoVeOutputs.Of(outputColumnName, inputColumnName, _options.Outputs());
    }

    /// <summary>Learns from all rows of <paramref name="input"/> that have a text and its translation.</summary>
    /// <param name="input">The texts and their translations.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or neither a text nor a vector of texts.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are too few pairs for two batches, or more than MaxPairs; no target word occurs MinTargetCount times; no source word has a vector; the loss or a weight is not finite; the GPU is
    /// missing; or the checkpoint belongs to another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public CoVeTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var training = new TranslationTraining(_environment, _inputColumnName, _options);
        training.Check(input);
        FastTextModel? vectors = _options.WordVectors;
        TrainedTranslation trained = training.Run(input, (source, held) => SourceWords.Of(vectors ??= Learn(input, training.Seed), training.CheckCancelled, source, held));
        return new CoVeTransformer(_environment, new CoVeTransformer.State(
            _outputs, new EncoderModel(trained.Encoder, trained.EncoderWeights, vectors!), _options.KeepDecoder ? trained.Decoder : null));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireText(inputSchema, _inputColumnName);
        InputColumns.RequireText(inputSchema, _options.TargetColumnName);
        return SchemaShapes.With(inputSchema, _outputs.TokenColumns().Promised());
    }

    private FastTextModel Learn(IDataView input, int seed)
    {
        using IChannel channel = _environment.Start(nameof(CoVeEstimator));
        channel.Info(MessageSensitivity.None, $"Learning word vectors from column '{_inputColumnName}'.");
        var options = new FastTextOptions { Dimension = _options.EmbeddingSize, MinCount = 1, Buckets = Buckets, Seed = seed };
        using FastTextTransformer words = new FastTextEstimator(_environment, _outputs.OutputColumnName, _inputColumnName, options).Fit(input);
        return words.Model;
    }
}
