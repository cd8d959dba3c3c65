using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Episodes;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.PrototypicalNetworks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>Learns, from episodes, an embedding in which a row is classified by its distance to the mean of each class.</summary>
/// <remarks>
/// <para><b>Source.</b> Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, arXiv:1703.05175; equations 1 and 2, Algorithm
/// 1.</para>
/// <para><b>Input.</b> Features: a vector of Single of known length D, finite; or an image of any size, which is resized and has values from 0 to 1. Label: a
/// key; or a text, number or Boolean, whose distinct values become the classes; the transformer then gives such a column as a key.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | row) in key order. An embedding on
/// request.</para>
/// <para><b>Training data.</b> A row whose label is missing is left out. A class with fewer than Shots + QueriesPerClass rows takes no part in episodes, which
/// is said in a warning, but gets its prototype from the rows it has; where fewer than two classes have that many, episodes take fewer rows of a class, which
/// is said too. With fewer than Ways classes an episode has them all. Features that are the same in all
/// rows are no error: classes that cannot be told apart get equal scores.</para>
/// <para><b>Cost.</b> Fit holds the rows in memory, 4·D bytes each and the same again on the device; an episode embeds Ways × (Shots + QueriesPerClass) rows.
/// Scoring embeds a row once.</para>
/// <para><b>Randomness.</b> Initial weights, episodes and distortions, all from Seed. The same seed, data and number of threads give the same weights on a
/// CPU.</para>
/// <para><b>Fit.</b> Trains the network on all classes and computes their prototypes; the rows are read once, or twice if the label is no key.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are no rows, or fewer than two classes with two rows; a feature, a loss or a weight is not finite; the GPU is missing; or the
/// checkpoint belongs to another training.
/// </exception>
public sealed class PrototypicalNetworkTrainer : TechniqueEstimator<PrototypicalNetworkTransformer, PrototypicalNetworkOptions>
{
    private readonly LabelColumn _label;
    private readonly FeatureColumn _features;

    internal PrototypicalNetworkTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName, PrototypicalNetworkOptions? options)
        : base(environment, options) => (_label, _features) = (new(Named(labelColumnName)), new(Named(featureColumnName), Options.ImageShape));

    private protected override IEnumerable<InputColumn> Inputs => [_features, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
    [
        .. PrototypicalNetworkTransformer.Columns(null, _label.ClassesOf(input), Options.EmbeddingColumnName, Options.EmbeddingSize),
        .. _label.GivenAnew(input),
    ];

    private protected override TechniqueEstimator<PrototypicalNetworkTransformer> For(DataViewSchema schema) => _features.ShapeToTake(schema) is { } shape
        ? new PrototypicalNetworkTrainer(Environment, _label.Name, _features.Name, Options.For(shape))
        : this;

    private protected override PrototypicalNetworkTransformer Fit(IDataView input, IChannel channel)
    {
        TorchDevice device = TorchDevice.Of(Environment);
        LabelledRows rows = Read(input);
        LabelledRows? held = Validation is null ? null : Read(Validation);
        PrototypicalNetworkOptions options = EpisodeClasses.For(Options, _label.Name, channel, rows, held);
        var episodes = new EpisodicTraining(Environment, options, options.Episodes);
        (EpisodeRows training, EpisodeRows? validation) = Split(options, rows, held, episodes.Seed, channel);

        EmbeddingArchitecture architecture = Options.Architecture(rows.Size).RequireScorable(nameof(PrototypicalNetworkOptions));
        NetworkWeights weights = episodes.LearnPrototypes(architecture, Options.Loss(), training, validation, Options.ValidationEpisodes, device);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, weights, device);
        (float[] prototypes, long[] counts) = PrototypicalNetworkTransformer.ClassMeans(rows, scorer, architecture);
        return new PrototypicalNetworkTransformer(Environment, new PrototypicalNetworkTransformer.State(
            architecture, Options.Distance, Options.Temperature, _features.Name, _label.Name, Options.EmbeddingColumnName,
            weights, rows.Labels, prototypes, counts));
    }

    private LabelledRows Read(IDataView data) => LabelledRows.Read(data, _features, _label.Name, Check);

    private (EpisodeRows Training, EpisodeRows? Validation) Split(
        PrototypicalNetworkOptions options, LabelledRows rows, LabelledRows? validation, int seed, IChannel channel)
    {
        int[][] usable = EpisodeClasses.Usable(rows, _label.Name, options, channel);
        if (validation is not null)
        {
            return (
                new EpisodeRows(rows.Features, rows.Size, [usable]),
                new EpisodeRows(validation.Features, validation.Size, [EpisodeClasses.Usable(validation, _label.Name, options, channel)]));
        }

        if (Options.ValidationFraction == 0)
            return (new EpisodeRows(rows.Features, rows.Size, [usable]), null);
        int held = (int)Math.Round(Options.ValidationFraction * usable.Length);
        if (held < 2 || usable.Length - held < 2)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"ValidationFraction is {Options.ValidationFraction}: ") +
                FormattableString.Invariant($"of {usable.Length} classes {held} would be held out, but at least 2 must be, and at least 2 must be left. ") +
                "Choose another part or add classes.");
        }

        StepRandom.Create(seed, -1).Shuffle(usable);
        return (new EpisodeRows(rows.Features, rows.Size, [usable[held..]]), new EpisodeRows(rows.Features, rows.Size, [usable[..held]]));
    }
}
