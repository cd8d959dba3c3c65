using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Elmo;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>
/// Learns from texts to predict each word from those before it and from those behind it, and turns tokens into vectors that depend on the whole text.
/// </summary>
/// <remarks>
/// <para><b>Source.</b> Peters, Neumann, Iyyer, Gardner, Clark, Lee and Zettlemoyer, "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365,
/// section 3.</para>
/// <para><b>Input.</b> A vector of texts, the tokens of a sentence; or a text, whose tokens are what stands between white space. Rows of more than 512 tokens
/// are learned from in pieces.
/// </para>
/// <para><b>Output.</b> See <see cref="ElmoTransformer"/>.</para>
/// <para><b>Loss.</b> The mean of both directions' cross-entropies in nats a token; over a sample of the words with
/// <see cref="LanguageTrainingOptions.NegativeSamples"/>.
/// On <see cref="TrainingOptions.Validation"/> it is over all words, and the log has the perplexity of each direction.</para>
/// <para><b>Training data.</b> Read once. Held: 4 bytes a token, and each different word. Memory of the weights: 16 bytes each, words · (P + 1) of them to
/// predict with.</para>
/// <para><b>Randomness.</b> Initial weights, the order of texts, dropout and sampled words, all from Seed. The same seed, data and number of threads give the
/// same weights on a CPU.</para>
/// <para><b>Fit.</b> Learns from all rows that have tokens.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are too few tokens for two windows, or more than MaxTrainingTokens; no word occurs MinWordCount times; the loss or a weight is not finite; the GPU is
/// missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class ElmoEstimator : TechniqueEstimator<ElmoTransformer, ElmoOptions>
{
    private readonly TokenVectorColumns _columns;

    internal ElmoEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, ElmoOptions? options)
        : base(environment, options)
    {
        _columns = new(Named(outputColumnName), Named(inputColumnName), Options.Pooling, Options.TokenVectorsColumnName, Options.TokensColumnName);
        _columns.RequireDifferentNames();
    }

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(_columns.InputColumnName)];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => _columns.Create();

    private protected override ElmoTransformer Fit(IDataView input, IChannel channel)
    {
        torch.Device device = TorchDevice.Of(Environment);
        TokenCorpus corpus = Read(input);
        TokenCorpus? validation = Validation is null ? null : Read(Validation);
        TokenVocabulary vocabulary = corpus.Vocabulary(Options.MinWordCount, Options.MaxVocabulary, Check);
        if (vocabulary.Words.Count == 0)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"Column '{_columns.InputColumnName}' has no word that occurs at least MinWordCount = {Options.MinWordCount} ") +
                FormattableString.Invariant($"times; its rows have {corpus.Words.Count} different ones. Lower MinWordCount or add rows."));
        }

        int seed = Options.SeedOf(Environment);
        var streams = new SentenceStreams(corpus, Options.BatchSize, Options.WindowLength, seed);
        channel.Info(MessageSensitivity.None, FormattableString.Invariant($"{corpus.TokenCount} tokens in {corpus.SentenceCount} sentences, ") +
            FormattableString.Invariant($"{vocabulary.Words.Count} words are predicted; {streams.WindowsPerEpoch} steps an epoch."));
        return Train(corpus, validation, vocabulary, streams, seed, device, channel);
    }

    private TokenCorpus Read(IDataView data) => TokenCorpus.Read(Environment, data, _columns.InputColumnName, ElmoModel.MaxTokens, Options.MaxTrainingTokens);

    private ElmoTransformer Train(
        TokenCorpus corpus, TokenCorpus? validation, TokenVocabulary vocabulary, SentenceStreams streams, int seed, torch.Device device, IChannel channel)
    {
        ElmoArchitecture architecture = Options.Architecture().RequireScorable(nameof(ElmoOptions));
        long predicted = (long)streams.Streams * streams.Window;
        double softmax = (TrainingMemory.NumbersOfAWeight * (architecture.ProjectionSize + 1.0) * vocabulary.Count)
            + WordSoftmax.Memory((double)ElmoArchitecture.Directions * predicted, vocabulary.Count, Options.NegativeSamples);
        TrainingMemory.Require(Options, [architecture], predicted, device, others: softmax);
        using DisposeScope scope = torch.NewDisposeScope();
        using LanguageModelModule module = InitialWeights.Of(seed, () => new LanguageModelModule(architecture, vocabulary.Count));
        module.to(device);
        var task = new LanguageModelTask(
            Options,
            module,
            new LanguageModelCorpus(corpus, vocabulary, architecture.MaxCharacters, Check),
            validation is null ? null : new LanguageModelCorpus(validation, vocabulary, architecture.MaxCharacters, Check),
            streams,
            vocabulary.Count,
            channel,
            device);
        var plan = new TrainingPlan(Options, Options.Epochs * streams.WindowsPerEpoch, seed, Options.LearningRates.At, Fingerprint(corpus, validation, seed));
        new TrainingLoop(Environment, plan, task).Run();
        return new ElmoTransformer(Environment, new ElmoTransformer.State(
            ElmoOutputs.Of(_columns.OutputColumnName, _columns.InputColumnName, Options.Outputs(), architecture.Layers),
            new ElmoModel(architecture, NetworkWeights.Of(architecture, module.Network)),
            Options.KeepLanguageModel ? new ElmoLanguageModel(vocabulary, Values(module.Weight), Values(module.Bias)) : null));
    }

    private string Fingerprint(TokenCorpus corpus, TokenCorpus? validation, int seed) =>
        FormattableString.Invariant($"{Options.Fingerprint()} seed {seed} texts {corpus.Hash():x16} validation {validation?.Hash():x16}");

    private static float[] Values(torch.Tensor weight)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return weight.detach().cpu().contiguous().data<float>().ToArray();
    }
}
