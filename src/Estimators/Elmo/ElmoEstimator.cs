using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Elmo;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Learns from texts to predict each word from those before it and from those behind it, and turns tokens into vectors that depend on the whole text.</summary>
/// <remarks>
/// <para><b>Source.</b> Peters, Neumann, Iyyer, Gardner, Clark, Lee and Zettlemoyer, "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, section 3.</para>
/// <para><b>Input.</b> A vector of texts, the tokens of a sentence; or a text, whose tokens are what stands between white space. Rows of more than 512 tokens are learned from in pieces.
/// </para>
/// <para><b>Output.</b> See <see cref="ElmoTransformer"/>.</para>
/// <para><b>Loss.</b> The mean of both directions' cross-entropies in nats a token; over a sample of the words with <see cref="ElmoOptions.NegativeSamples"/>. On
/// <see cref="TrainingOptions.Validation"/> it is over all words, and the log has the perplexity of each direction.</para>
/// <para><b>Training data.</b> Read once. Held: 4 bytes a token, and each different word. Memory of the weights: 16 bytes each, words · (P + 1) of them to predict with.</para>
/// <para><b>Randomness.</b> Initial weights, the order of texts, dropout and sampled words, all from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// </remarks>
public sealed class ElmoEstimator : IEstimator<ElmoTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly ElmoOptions _options;

    internal ElmoEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, ElmoOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        _environment = environment;
        _outputColumnName = outputColumnName;
        _inputColumnName = inputColumnName;
        _options = (ElmoOptions)(options ?? new()).Copy();
        _options.Validate();
        Columns().RequireDifferentNames();
    }

    /// <summary>Learns from all rows of <paramref name="input"/> that have tokens.</summary>
    /// <param name="input">The texts; read once.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or neither a text nor a vector of texts.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are too few tokens for two windows, or more than MaxTrainingTokens; no word occurs MinWordCount times; the loss or a weight is not finite; the GPU is missing; or the
    /// checkpoint belongs to another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public ElmoTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        InputColumns.RequireText(input.Schema, _inputColumnName);
        if (_options.Validation is { } held)
            InputColumns.RequireText(held.Schema, _inputColumnName);
        torch.Device device = TorchDevice.Of(_environment);
        using IChannel channel = _environment.Start(nameof(ElmoEstimator));
        TokenCorpus corpus = Read(input);
        TokenCorpus? validation = _options.Validation is null ? null : Read(_options.Validation);
        TokenVocabulary vocabulary = corpus.Vocabulary(_options.MinWordCount, _options.MaxVocabulary, Check);
        if (vocabulary.Words.Count == 0)
            throw new InvalidOperationException(FormattableString.Invariant($"Column '{_inputColumnName}' has no word that occurs at least MinWordCount = {_options.MinWordCount} times; its rows have {corpus.Words.Count} different ones. Lower MinWordCount or add rows."));
        int seed = _options.SeedOf(_environment);
        var streams = new SentenceStreams(corpus, _options.BatchSize, _options.WindowLength, seed);
        channel.Info(MessageSensitivity.None, FormattableString.Invariant($"{corpus.TokenCount} tokens in {corpus.SentenceCount} sentences, {vocabulary.Words.Count} words are predicted; {streams.WindowsPerEpoch} steps an epoch."));
        return Train(corpus, validation, vocabulary, streams, seed, device, channel);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireText(inputSchema, _inputColumnName);
        return SchemaShapes.With(inputSchema, Columns().Promised());
    }

    private TokenVectorColumns Columns() => new(_outputColumnName, _inputColumnName, _options.Pooling, _options.TokenVectorsColumnName, _options.TokensColumnName);

    private void Check() => Host.ThrowIfCanceled(_environment);

    private TokenCorpus Read(IDataView data) => TokenCorpus.Read(_environment, data, _inputColumnName, ElmoModel.MaxTokens, _options.MaxTrainingTokens);

    private ElmoTransformer Train(
        TokenCorpus corpus, TokenCorpus? validation, TokenVocabulary vocabulary, SentenceStreams streams, int seed, torch.Device device, IChannel channel)
    {
        ElmoArchitecture architecture = _options.Architecture().RequireScorable(nameof(ElmoOptions));
        long predicted = (long)streams.Streams * streams.Window;
        double outputs = _options.NegativeSamples > 0 ? Math.Min(_options.NegativeSamples, vocabulary.Count) : vocabulary.Count;
        double softmax = (TrainingMemory.NumbersOfAWeight * (architecture.ProjectionSize + 1.0) * vocabulary.Count) + (ElmoArchitecture.Directions * TrainingMemory.NumbersOfALogit * predicted * outputs);
        TrainingMemory.Require(_options, [architecture], predicted, device, others: softmax);
        using DisposeScope scope = torch.NewDisposeScope();
        using LanguageModelModule module = InitialWeights.Of(seed, () => new LanguageModelModule(architecture, vocabulary.Count));
        module.to(device);
        var task = new LanguageModelTask(
            _options,
            module,
            new LanguageModelCorpus(corpus, vocabulary, architecture.MaxCharacters, Check),
            validation is null ? null : new LanguageModelCorpus(validation, vocabulary, architecture.MaxCharacters, Check),
            streams,
            vocabulary.Count,
            channel,
            device);
        var plan = new TrainingPlan(_options, _options.Epochs * streams.WindowsPerEpoch, seed, _options.LearningRates.At, Fingerprint(corpus, validation, seed));
        new TrainingLoop(_environment, plan, task).Run();
        return new ElmoTransformer(_environment, new ElmoTransformer.State(
            ElmoOutputs.Of(_outputColumnName, _inputColumnName, _options.Outputs(), architecture.Layers),
            new ElmoModel(architecture, NetworkWeights.Of(architecture, module.Network)),
            _options.KeepLanguageModel ? new ElmoLanguageModel(vocabulary, Values(module.Weight), Values(module.Bias)) : null));
    }

    private string Fingerprint(TokenCorpus corpus, TokenCorpus? validation, int seed) =>
        FormattableString.Invariant($"{_options.Fingerprint()} seed {seed} texts {corpus.Hash():x16} validation {validation?.Hash():x16}");

    private static float[] Values(torch.Tensor weight)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return weight.detach().cpu().contiguous().data<float>().ToArray();
    }
}
