using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.LanguageModel;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Series;
using MLNet.Papers.Texts;
using MLNet.Papers.Training;
using TorchSharp;
using static System.FormattableString;

namespace MLNet.Papers;

/// <summary>Learns to predict each token of a row from those before it: of texts, or of any log whose entries are keys.</summary>
/// <remarks>
/// <para><b>Source.</b> An LSTM as in Caccia et al., "Language GANs Falling Short", ICLR 2020, arXiv:1811.02549; van der Westhuizen and Lasenby, "The
/// unreasonable effectiveness of the forget gate", 2018, arXiv:1804.04849; Bai, Kolter and Koltun, "Trellis Networks for Sequence Modeling", ICLR 2019,
/// arXiv:1810.06682, section 5.1.</para>
/// <para><b>Input.</b> A text, whose tokens are words or characters (<see cref="LanguageModelOptions.Level"/>); a vector of texts, the tokens as they are; or a
/// vector of keys. Each row is a sequence of its own, with a beginning and an end. Rows without tokens are left out, which is said in a warning.</para>
/// <para><b>Output.</b> See <see cref="LanguageModelTransformer"/>.</para>
/// <para><b>Loss.</b> The cross-entropy in nats of the tokens and ends that count, over the mean number of them in a window, so that all of them weigh the
/// same; and <see cref="MinibatchOptions.L2"/>. On rows to validate on it is the mean of all predictions: the logarithm of the perplexity, where rows are no
/// longer than a window. A batch has windows of about one length.</para>
/// <para><b>Cost.</b> Tokens, 4 bytes each, lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary file; each different
/// token that is a text is held while they are read.</para>
/// <para><b>Randomness.</b> Initial weights, the order of windows and dropout, from Seed. The same seed, data and number of threads give the same weights on a
/// CPU.</para>
/// <para><b>Fit.</b> The network is trained on all rows that have tokens, which are read once. The transformer holds nothing native.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 windows of rows with tokens; no token occurs MinCount times; a key is missing; the training would take more memory than the process
/// may have; the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class LanguageModelTrainer : TechniqueEstimator<LanguageModelTransformer, LanguageModelOptions>
{
    // A sixteenth of a gigabyte.
    private const int MostLogits = 1 << 24;

    private readonly SequenceColumn _column;

    internal LanguageModelTrainer(IHostEnvironment environment, string inputColumnName, LanguageModelOptions? options)
        : base(environment, options) => _column = new(Named(inputColumnName));

    private protected override IEnumerable<InputColumn> Inputs => [_column];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => LanguageModelTransformer.Columns(Options.FeaturesColumnName);

    private protected override LanguageModelTransformer Fit(IDataView input, IChannel channel)
    {
        torch.Device device = TorchDevice.Of(Environment);
        DataViewSchema.Column column = input.Schema[_column.Name];
        using TokenRows rows = TokenRows.Read(input, _column.Name, Options, null, Check);
        bool areKeys = SequenceColumn.FormOf(column) == SequenceForm.Keys;
        TokenVocabulary? vocabulary = areKeys ? null : rows.Vocabulary(Options, Check);
        SequenceSymbols symbols = SequenceSymbols.Of(column, Options.Level, vocabulary, vocabulary is not null && rows.HasOthers(vocabulary));
        using TokenRows? validation = Validation is null ? null : TokenRows.Read(Validation, _column.Name, Options, symbols, Check);
        rows.Report(channel);
        validation?.Report(channel);
        channel.Info(MessageSensitivity.None, Invariant($"{rows.Predictions - rows.Count} tokens in {rows.Count} rows, {symbols.Count - 1} different ones."));

        var training = new MinibatchTraining(Environment, Options);
        int[]? numbers = areKeys ? null : rows.Symbols(symbols);
        ValidationSplit split = ValidationSplit.Draw(rows.Count, validation is null ? Options.ValidationFraction : 0, training.Seed);
        TokenWindows windows = rows.Windows(split.Training, Options, numbers, device);
        TokenWindows? held = validation is not null ? validation.Windows(Enumerable.Range(0, validation.Count), Options, null, device)
            : split.Validation.Length > 0 ? rows.Windows(split.Validation, Options, numbers, device)
            : null;
        SeriesLearner learner = Options.Learner(symbols.Count, windows.Longest, channel);
        SeriesArchitecture architecture = learner.Architecture.RequireScorable(nameof(LanguageModelOptions));
        if (ScoringMemory.FindFault(architecture.ValuesOfAState()) is { } fault)
        {
            throw new ArgumentOutOfRangeException(
                null, $"{nameof(LanguageModelOptions)}.{nameof(Options.Dilations)} describe a network of which {fault}. Lower them.");
        }

        NetworkWeights weights = training.Run(
            windows, held, device, [architecture], learner.Create, network => (batch, noise) => Loss(learner, network, batch, noise, windows, held),
            learner.Result);
        return new LanguageModelTransformer(Environment, new(
            _column.Name, Options.FeaturesColumnName, Options.MaxLength ?? rows.Longest, Options.FailOnUnknown, windows.Predictions, symbols, architecture,
            weights));
    }

    // Over the mean number of predictions of a window, so that the mean over all windows is that over all predictions.
    private static torch.Tensor Loss(
        SeriesLearner learner, WeightModule network, Batch batch, Noise? noise, TokenWindows training, TokenWindows? held)
    {
        WeightOf<torch.Tensor> weight = learner.Weights(network, noise);
        TokenWindows source = noise is null ? held! : training;
        double predictions = batch.Count * (source.Predictions / (double)source.Count);
        torch.Tensor? sum = null;
        foreach ((torch.Tensor outputs, double share) in learner.Outputs(batch.Inputs, weight, noise))
        {
            torch.Tensor features = outputs.flatten(0, 1).index_select(0, batch[TokenWindows.Places]);
            torch.Tensor own = CrossEntropy(learner.Architecture, features, batch.Targets, weight, isTraining: noise is not null).Times(share / predictions);
            sum = sum is null ? own : sum + own;
        }

        return sum!;
    }

    // The sum over all predictions. Without gradients the logits of some are freed before those of others are there.
    private static torch.Tensor CrossEntropy(
        SeriesArchitecture architecture, torch.Tensor features, torch.Tensor targets, WeightOf<torch.Tensor> weight, bool isTraining)
    {
        long rows = isTraining ? features.shape[0] : Math.Max(1, MostLogits / architecture.Outputs);
        return features.split(rows).Zip(targets.split(rows)).Select(Of).Aggregate((sum, next) => sum + next);

        torch.Tensor Of((torch.Tensor Features, torch.Tensor Targets) some)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            return torch.nn.functional.cross_entropy(architecture.Head(some.Features, weight), some.Targets, reduction: torch.nn.Reduction.Sum)
                .MoveToOuterDisposeScope();
        }
    }
}
