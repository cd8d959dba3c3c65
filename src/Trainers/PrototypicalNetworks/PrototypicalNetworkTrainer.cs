using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.PrototypicalNetworks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Learns, from episodes, an embedding in which a row is classified by its distance to the mean of each class.</summary>
/// <remarks>
/// <para><b>Source.</b> Snell, Swersky and Zemel, "Prototypical Networks for Few-shot Learning", NIPS 2017, arXiv:1703.05175; equations 1 and 2, Algorithm 1.</para>
/// <para><b>Input.</b> Features: a vector of Single of known length D, finite. Label: a key; or a text, number or Boolean, whose distinct values become the classes.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | row) in key order. An embedding on request.</para>
/// <para><b>Training data.</b> A row whose label is missing is left out. A class with fewer than Shots + QueriesPerClass rows takes no part in episodes, which is
/// said in a warning, but gets its prototype from the rows it has. With fewer than Ways classes an episode has them all. Features that are the same in all rows
/// are no error: classes that cannot be told apart get equal scores.</para>
/// <para><b>Cost.</b> Fit holds the rows in memory, 4·D bytes each and the same again on the device; an episode embeds Ways × (Shots + QueriesPerClass) rows. Scoring
/// embeds a row once.</para>
/// <para><b>Randomness.</b> Initial weights, episodes and distortions, all from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
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
        torch.Device device = TorchDevice.Of(_environment);
        using IChannel channel = _environment.Start(nameof(PrototypicalNetworkTrainer));
        LabelledRows rows = Read(input);
        int seed = _options.Seed ?? Host.Seed(_environment) ?? (_options.CheckpointFolder is null ? Random.Shared.Next() : 0);
        (EpisodeRows training, EpisodeRows? validation) = Split(rows, seed, channel);

        EmbeddingArchitecture architecture = Architecture(rows.Size);
        NetworkWeights weights = Train(architecture, training, validation, seed, device);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, weights, device);
        (float[]?[] prototypes, long[] counts) = PrototypicalNetworkTransformer.ClassMeans(rows, scorer, architecture);
        return new PrototypicalNetworkTransformer(_environment, new PrototypicalNetworkTransformer.State
        {
            Architecture = architecture,
            Weights = weights,
            Distance = _options.Distance,
            Temperature = _options.Temperature,
            FeatureColumnName = _featureColumnName,
            LabelColumnName = _labelColumnName,
            EmbeddingColumnName = _options.EmbeddingColumnName,
            Labels = rows.Labels,
            Prototypes = prototypes,
            Counts = counts,
        });
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
        DataViewSchema.Column features = InputColumns.RequireVector(schema, _featureColumnName, length);
        LabelColumn.Require(schema, _labelColumnName);
        return features;
    }

    private LabelledRows Read(IDataView data) =>
        LabelledRows.Read(data, _featureColumnName, _labelColumnName, () => Host.ThrowIfCanceled(_environment));

    private (EpisodeRows Training, EpisodeRows? Validation) Split(LabelledRows rows, int seed, IChannel channel)
    {
        int[][] usable = UsableClasses(rows, channel);
        if (_options.Validation is not null)
        {
            LabelledRows validation = Read(_options.Validation);
            return (new EpisodeRows(rows.Features, rows.Size, usable), new EpisodeRows(validation.Features, validation.Size, UsableClasses(validation, channel)));
        }

        if (_options.ValidationFraction == 0)
            return (new EpisodeRows(rows.Features, rows.Size, usable), null);
        int held = (int)Math.Round(_options.ValidationFraction * usable.Length);
        if (held < 2 || usable.Length - held < 2)
            throw new InvalidOperationException(Text($"ValidationFraction is {_options.ValidationFraction}: of {usable.Length} classes {held} would be held out, but at least 2 must be, and at least 2 must be left."));
        StepRandom.Create(seed, -1).Shuffle(usable);
        return (new EpisodeRows(rows.Features, rows.Size, usable[held..]), new EpisodeRows(rows.Features, rows.Size, usable[..held]));
    }

    // The rows of the classes that have enough of them for an episode.
    private int[][] UsableClasses(LabelledRows rows, IChannel channel)
    {
        int needed = _options.Shots + _options.QueriesPerClass;
        int[][] present = [.. rows.RowsByClass().Where(members => members.Length > 0)];
        int[][] usable = [.. present.Where(members => members.Length >= needed)];
        if (rows.WithoutLabel > 0)
            channel.Warning(MessageSensitivity.Schema, Text($"Column '{_labelColumnName}' is missing in {rows.WithoutLabel} rows, which are left out."));
        if (usable.Length < 2)
        {
            string found = present.Length == 0
                ? "there are no rows with a label"
                : Text($"of {present.Length} classes {usable.Length} have that many; the largest has {present.Max(members => members.Length)} rows");
            throw new InvalidOperationException(Text($"Column '{_labelColumnName}' must have at least 2 classes with Shots + QueriesPerClass = {needed} rows each, but {found}. Lower either option or add rows."));
        }

        if (usable.Length < present.Length)
            channel.Warning(MessageSensitivity.Schema, Text($"{present.Length - usable.Length} of {present.Length} classes have fewer than Shots + QueriesPerClass = {needed} rows and take no part in episodes."));
        int classes = _options.Rotations ? 4 * usable.Length : usable.Length;
        if (classes < _options.Ways)
            channel.Warning(MessageSensitivity.None, Text($"Ways is {_options.Ways}, but there are {classes} classes: an episode has them all."));
        return usable;
    }

    private EmbeddingArchitecture Architecture(int inputSize) => _options.ImageShape is { } image
        ? new()
        {
            InputSize = inputSize,
            ImageShape = image,
            Filters = _options.Filters,
            Blocks = _options.Blocks,
            Coordinates = _options.Coordinates,
            Normalization = _options.Normalization,
            Groups = _options.Normalization == Normalization.Group ? _options.Groups : 1,
        }
        : new() { InputSize = inputSize, HiddenUnits = _options.HiddenUnits, EmbeddingSize = _options.EmbeddingSize };

    private NetworkWeights Train(EmbeddingArchitecture architecture, EpisodeRows training, EpisodeRows? validation, int seed, torch.Device device)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var random = new TorchRandomScope(seed);
        using EmbeddingModule network = EmbeddingModule.Create(architecture);
        network.to(device);
        using var task = new EpisodicTask(_options, network, training, validation, seed, device);
        new TrainingLoop(_environment, new TrainingPlan(_options, _options.Episodes, seed, LearningRate, Fingerprint(training, validation, seed)), task).Run();
        return NetworkWeights.Of(architecture, network);
    }

    private double LearningRate(long step, double fraction) => _options.LearningRateDecay.Rate(_options.LearningRate, _options.HalvingInterval, step, fraction);

    private string Fingerprint(EpisodeRows training, EpisodeRows? validation, int seed)
    {
        var options = (PrototypicalNetworkOptions)_options.Copy();
        options.CheckpointFolder = null;
        return Text($"{JsonSerializer.Serialize(options)} seed {seed} rows {training.Count} × {training.Size} {training.Hash():x16} validation {validation?.Hash():x16}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
