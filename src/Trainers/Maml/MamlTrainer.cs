using MLNet.Papers.Maml;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Episodes;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Learns an initialization from which few gradient steps on a few examples reach a classifier.</summary>
/// <remarks>
/// <para><b>Source.</b> Finn, Abbeel and Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017, arXiv:1703.03400; Algorithm 2,
/// second order or first.</para>
/// <para><b>Input.</b> Features: a vector of Single of known length D, finite. Label: a key; or a text, number or Boolean, whose distinct values become the
/// classes.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | row) in key order. The fitted transformer
/// knows the training classes, from gradient steps on the first Shots + QueriesPerClass rows of each.</para>
/// <para><b>Training data.</b> A row whose label is missing is left out. A class with fewer than Shots + QueriesPerClass rows takes no part in tasks, which is
/// said in a warning.
/// With fewer than Ways classes a task has them all.</para>
/// <para><b>Normalization.</b> The queries of a task are normalized with the statistics of its support, in training and in use: so the answer for a row does
/// not depend on the rows beside it, as it does in the paper's program.</para>
/// <para><b>Cost.</b> Fit holds the rows in memory, 4·D bytes each and the same again on the device, and the graphs of TasksPerStep × InnerSteps gradient
/// steps.</para>
/// <para><b>Randomness.</b> Initial weights, tasks and distortions, all from Seed. The same seed, data and number of threads give the same weights on a
/// CPU.</para>
/// </remarks>
public sealed class MamlTrainer : IEstimator<MamlTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _labelColumnName;
    private readonly string _featureColumnName;
    private readonly MamlOptions _options;

    internal MamlTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName, MamlOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(featureColumnName);
        _environment = environment;
        _labelColumnName = labelColumnName;
        _featureColumnName = featureColumnName;
        _options = (MamlOptions)(options ?? new()).Copy();
        _options.Validate();
    }

    /// <summary>Learns the initialization from all classes of <paramref name="input"/>, and takes gradient steps to these classes.</summary>
    /// <param name="input">The training data; read once, or twice if the label is no key.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows, or fewer than two classes with Shots + QueriesPerClass rows; a feature, a loss or a weight is not finite; the GPU is missing; or the
    /// checkpoint belongs to another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public MamlTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        DataViewSchema.Column features = CheckColumns(input.Schema, _options.ImageShape?.Size);
        if (_options.Validation is { } view)
            CheckColumns(view.Schema, ((VectorDataViewType)features.Type).Size);
        TorchSharp.torch.Device device = TorchDevice.Of(_environment);
        using IChannel channel = _environment.Start(nameof(MamlTrainer));
        LabelledRows rows = Read(input);
        EpisodeRows training = Episodes(rows, channel);
        EpisodeRows? validation = _options.Validation is null ? null : Episodes(Read(_options.Validation), channel);
        MamlNetwork network = new EpisodicTraining(_environment, _options, _options.Steps).LearnInitialization(
            _options, training, validation, _options.ValidationEpisodes, device);
        int[] support = [.. rows.RowsByClass().SelectMany(members => members.Take((int)Math.Min(_options.RowsPerClass, members.Length))).Order()];
        return MamlTransformer.Of(_environment, network, _featureColumnName, _labelColumnName, rows.Labels,
            [.. support.SelectMany(row => rows.Features[(row * rows.Size)..((row + 1) * rows.Size)])], [.. support.Select(row => rows.Classes[row])],
            () => Host.ThrowIfCanceled(_environment));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireVector(inputSchema, _featureColumnName);
        return SchemaShapes.With(inputSchema, MulticlassColumns.Promise(LabelColumn.Require(inputSchema, _labelColumnName)));
    }

    private DataViewSchema.Column CheckColumns(DataViewSchema schema, int? length)
    {
        DataViewSchema.Column features = InputColumns.RequireVector(schema, _featureColumnName, length, _options.ImageShape);
        LabelColumn.Require(schema, _labelColumnName);
        return features;
    }

    private LabelledRows Read(IDataView data) => LabelledRows.Read(data, _featureColumnName, _labelColumnName, () => Host.ThrowIfCanceled(_environment));

    private EpisodeRows Episodes(LabelledRows rows, IChannel channel) =>
        new(rows.Features, rows.Size, [EpisodeClasses.Usable(rows, _labelColumnName, _options, channel)]);
}
