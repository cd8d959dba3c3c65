using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Episodes;
using MLNet.Papers.Interop;
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
/// <para><b>Input.</b> Features: a vector of Single of known length D, finite. Label: a key; or a text, number or Boolean, whose distinct values become the
/// classes.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | row) in key order. An embedding on
/// request.</para>
/// <para><b>Training data.</b> A row whose label is missing is left out. A class with fewer than Shots + QueriesPerClass rows takes no part in episodes, which
/// is said in a warning, but gets its prototype from the rows it has. With fewer than Ways classes an episode has them all. Features that are the same in all
/// rows are no error: classes that cannot be told apart get equal scores.</para>
/// <para><b>Cost.</b> Fit holds the rows in memory, 4·D bytes each and the same again on the device; an episode embeds Ways × (Shots + QueriesPerClass) rows.
/// Scoring embeds a row once.</para>
/// <para><b>Randomness.</b> Initial weights, episodes and distortions, all from Seed. The same seed, data and number of threads give the same weights on a
/// CPU.</para>
/// </remarks>
public sealed class PrototypicalNetworkTrainer : IEstimator<PrototypicalNetworkTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _labelColumnName;
    private readonly string _featureColumnName;
    private readonly PrototypicalNetworkOptions _options;

    internal PrototypicalNetworkTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName, PrototypicalNetworkOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(featureColumnName);
        _environment = environment;
        _labelColumnName = labelColumnName;
        _featureColumnName = featureColumnName;
        _options = (PrototypicalNetworkOptions)(options ?? new()).Copy();
        _options.Validate();
    }

    /// <summary>Trains the network on all classes of <paramref name="input"/> and computes their prototypes.</summary>
    /// <param name="input">The training data; read once, or twice if the label is no key.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows, or fewer than two classes with Shots + QueriesPerClass rows; a feature, a loss or a weight is not finite; the GPU is missing; or the
    /// checkpoint belongs to another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public PrototypicalNetworkTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        DataViewSchema.Column features = CheckColumns(input.Schema, _options.ImageShape?.Size);
        if (_options.Validation is { } view)
            CheckColumns(view.Schema, ((VectorDataViewType)features.Type).Size);
        TorchDevice device = TorchDevice.Of(_environment);
        using IChannel channel = _environment.Start(nameof(PrototypicalNetworkTrainer));
        LabelledRows rows = Read(input);
        var episodes = new EpisodicTraining(_environment, _options, _options.Episodes);
        (EpisodeRows training, EpisodeRows? validation) = Split(rows, episodes.Seed, channel);

        EmbeddingArchitecture architecture = _options.Architecture(rows.Size).RequireScorable(nameof(PrototypicalNetworkOptions));
        NetworkWeights weights = episodes.LearnPrototypes(architecture, _options.Loss(), training, validation, _options.ValidationEpisodes, device);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, weights, device);
        (float[] prototypes, long[] counts) = PrototypicalNetworkTransformer.ClassMeans(rows, scorer, architecture);
        return new PrototypicalNetworkTransformer(_environment, new PrototypicalNetworkTransformer.State(
            architecture, _options.Distance, _options.Temperature, _featureColumnName, _labelColumnName, _options.EmbeddingColumnName,
            weights, rows.Labels, prototypes, counts));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireVector(inputSchema, _featureColumnName);
        SchemaShape.Column label = LabelColumn.Require(inputSchema, _labelColumnName);
        List<SchemaShape.Column> added = [.. MulticlassColumns.Promise(label)];
        if (_options.EmbeddingColumnName is { } embedding)
            added.Add(SchemaShapes.Column(embedding, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single));
        return SchemaShapes.With(inputSchema, added);
    }

    private DataViewSchema.Column CheckColumns(DataViewSchema schema, int? length)
    {
        DataViewSchema.Column features = InputColumns.RequireVector(schema, _featureColumnName, length, _options.ImageShape);
        LabelColumn.Require(schema, _labelColumnName);
        return features;
    }

    private LabelledRows Read(IDataView data) =>
        LabelledRows.Read(data, _featureColumnName, _labelColumnName, () => Host.ThrowIfCanceled(_environment));

    private (EpisodeRows Training, EpisodeRows? Validation) Split(LabelledRows rows, int seed, IChannel channel)
    {
        int[][] usable = EpisodeClasses.Usable(rows, _labelColumnName, _options, channel);
        if (_options.Validation is not null)
        {
            LabelledRows validation = Read(_options.Validation);
            return (
                new EpisodeRows(rows.Features, rows.Size, [usable]),
                new EpisodeRows(validation.Features, validation.Size, [EpisodeClasses.Usable(validation, _labelColumnName, _options, channel)]));
        }

        if (_options.ValidationFraction == 0)
            return (new EpisodeRows(rows.Features, rows.Size, [usable]), null);
        int held = (int)Math.Round(_options.ValidationFraction * usable.Length);
        if (held < 2 || usable.Length - held < 2)
        {
            throw new InvalidOperationException(
                Text($"ValidationFraction is {_options.ValidationFraction}: ") +
                Text($"of {usable.Length} classes {held} would be held out, but at least 2 must be, and at least 2 must be left. ") +
                "Choose another part or add classes.");
        }

        StepRandom.Create(seed, -1).Shuffle(usable);
        return (new EpisodeRows(rows.Features, rows.Size, [usable[held..]]), new EpisodeRows(rows.Features, rows.Size, [usable[..held]]));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
