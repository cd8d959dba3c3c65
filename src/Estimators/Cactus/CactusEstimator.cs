using System.Globalization;
using MLNet.Papers.Maml;
using MLNet.Papers.PrototypicalNetworks;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Cactus;
using MLNet.Papers.Episodes;
using MLNet.Papers.FewShot;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>Learns features and a few-shot learner from rows without labels: it clusters them and learns from tasks whose classes are clusters.</summary>
/// <remarks>
/// <para><b>Source.</b> Hsu, Levine and Finn, "Unsupervised Learning via Meta-Learning", ICLR 2019, arXiv:1810.02334 (CACTUs: clustering to automatically construct tasks for
/// unsupervised meta-learning); Algorithm 1.</para>
/// <para><b>Input.</b> A vector of Single of known length D, finite, which is an image in CHW order with <see cref="FewShotOptions.ImageShape"/>. On request a second vector of
/// Single, the embedding that is clustered; the transformer does not read it.</para>
/// <para><b>Output.</b> A vector of Single, the learned features.</para>
/// <para><b>Tasks.</b> One partition is drawn uniformly, Ways of its classes uniformly whatever their size, and of each Shots + QueriesPerClass rows; the order of the classes is drawn
/// anew for every task.</para>
/// <para><b>Cost.</b> Fit holds 4·n·(D + d) bytes of rows and embeddings, the rows again on the device, 4·n·P of partitions, and 64 MB of distances while it clusters.</para>
/// <para><b>Randomness.</b> Embedding, clusters, initial weights and episodes, all from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// </remarks>
public sealed class CactusEstimator : IEstimator<CactusTransformer>
{
    private const string EmbeddingOption = $"{nameof(CactusOptions)}.{nameof(CactusOptions.EmbeddingColumnName)}";

    private readonly IHostEnvironment _environment;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly CactusOptions _options;

    internal CactusEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, CactusOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        _environment = environment;
        _outputColumnName = outputColumnName;
        _inputColumnName = inputColumnName;
        _options = (CactusOptions)(options ?? new()).Copy();
        _options.Validate();
    }

    /// <summary>Learns from all rows of <paramref name="input"/>.</summary>
    /// <param name="input">The training data, read once; no column but those that the options name is looked at.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are too few rows for the tasks, or too few clusters with enough rows; all rows have the same embedding; a number, a loss or a weight is not finite; the GPU is missing;
    /// or the checkpoint belongs to another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public CactusTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckColumns(input.Schema);
        TorchDevice device = TorchDevice.Of(_environment);
        var training = new EpisodicTraining(_environment, _options, _options.Steps);
        Tasks tasks = Construct(input, training.Seed, device);
        FewShotNetwork network = Learn(training, tasks.Episodes, device);
        return new CactusTransformer(_environment, new CactusTransformer.State(
            _outputColumnName, _inputColumnName, _options.EmbeddingColumnName, network as PrototypeNetwork, network as MamlNetwork, tasks.Space, tasks.Centroids, tasks.EmbeddingSize));
    }

    /// <summary>Constructs tasks from unlabelled rows as <see cref="Fit"/> does, to be looked at.</summary>
    /// <param name="input">The rows, read once.</param>
    /// <param name="count">How many tasks. At least 1.</param>
    /// <returns>The tasks; with the seed of the fit they are the first that the learner is given.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or there are to be no tasks.</exception>
    /// <exception cref="InvalidOperationException">There are too few rows for the tasks, or too few clusters with enough rows, or a number is not finite.</exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public IReadOnlyList<CactusTask> ConstructTasks(IDataView input, int count)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        CheckColumns(input.Schema);
        int seed = new EpisodicTraining(_environment, _options, _options.Steps).Seed;
        using var source = new EpisodeSource(_options, Construct(input, seed, TorchDevice.Of(_environment)).Episodes, torch.CPU, augments: false);
        return [.. Enumerable.Range(0, count).Select(step => source.DrawRows(StepRandom.Create(seed, step))).Select(drawn => new CactusTask(
            drawn.Partition, Classes(drawn.Episode.Support, _options.Shots), Classes(drawn.Episode.Queries, _options.QueriesPerClass)))];

        static IReadOnlyList<IReadOnlyList<int>> Classes(int[] rows, int each) => [.. rows.Chunk(each)];
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireVector(inputSchema, _inputColumnName);
        if (_options.EmbeddingColumnName is { } embedding)
        {
            InputColumns.Require(inputSchema, embedding, EmbeddingOption);
            InputColumns.RequireVector(inputSchema, embedding);
        }

        return SchemaShapes.With(inputSchema, SchemaShapes.Column(_outputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single));
    }

    private Tasks Construct(IDataView input, int seed, TorchDevice device)
    {
        using IChannel channel = _environment.Start(nameof(CactusEstimator));
        UnlabelledRows rows = UnlabelledRows.Read(input, _inputColumnName, _options.EmbeddingColumnName, Check);
        CheckRows(rows.Count);
        EmbeddingSpace? space = rows.Embeddings is null ? Embed(rows, seed, device) : null;
        float[] embeddings = rows.Embeddings ?? space!.Embed(rows.Features, device, Check);
        int size = space?.Architecture.OutputSize ?? rows.EmbeddingSize;
        CheckEmbeddings(embeddings, size, channel);
        var builder = new PartitionBuilder(_options, embeddings, size, seed, device, Check);
        IReadOnlyList<int[][]> partitions = builder.Build();
        channel.Info(MessageSensitivity.None, Text($"{partitions.Count} partitions with {partitions.Average(partition => partition.Length):F1} classes on average."));
        return new Tasks(new EpisodeRows(rows.Features, rows.Size, partitions), space, builder.Centroids, size);
    }

    private void CheckColumns(DataViewSchema schema)
    {
        InputColumns.RequireVector(schema, _inputColumnName, image: _options.ImageShape);
        if (_options.EmbeddingColumnName is { } embedding)
        {
            InputColumns.Require(schema, embedding, EmbeddingOption);
            InputColumns.RequireVector(schema, embedding);
        }
    }

    private void CheckRows(int count)
    {
        var needed = (Int128)_options.Ways * _options.RowsPerClass;
        if (count < needed)
            throw new InvalidOperationException(Text($"A task takes Ways × (Shots + QueriesPerClass) = {needed} rows, but there are {count} rows. Lower an option or add rows."));
        if (_options.Partitioning != CactusPartitioning.Hyperplanes && (Int128)_options.Clusters * _options.RowsPerClass > count)
        {
            throw new InvalidOperationException(Text(
                $"Clusters is {_options.Clusters}, but {count} rows give at most {count / _options.RowsPerClass} clusters of Shots + QueriesPerClass = {_options.RowsPerClass} rows. Lower Clusters or QueriesPerClass, or add rows."));
        }
    }

    private void CheckEmbeddings(float[] embeddings, int size, IChannel channel)
    {
        int bad = Array.FindIndex(embeddings, value => !float.IsFinite(value) || Math.Abs(value) > 1e15f);
        if (bad >= 0)
            throw new InvalidOperationException(Text($"The embedding of row {bad / size} is not finite or too large to be clustered. Column '{_options.EmbeddingColumnName ?? _inputColumnName}' has numbers that are too large: normalize them first."));
        int constant = Enumerable.Range(0, size).Count(dimension => Enumerable.Range(1, (embeddings.Length / size) - 1).All(row => embeddings[(row * size) + dimension] == embeddings[dimension]));
        if (constant == size)
            throw new InvalidOperationException($"All rows have the same embedding, so they cannot be clustered: column '{_options.EmbeddingColumnName ?? _inputColumnName}' must differ from row to row.");
        if (constant > 0)
            channel.Warning(MessageSensitivity.None, Text($"{constant} of {size} dimensions of the embedding are the same in all rows and do not matter."));
    }

    private EmbeddingSpace Embed(UnlabelledRows rows, int seed, TorchDevice device)
    {
        Check();
        if (_options.Embedding != CactusEmbedding.PrincipalComponents)
            return AutoencoderTraining.Fit(_environment, rows.Features, _options.ImageShape, rows.Size, _options, seed, device);
        return PrincipalComponents.Fit(rows.Features, rows.Size, Math.Min(_options.EmbeddingSize, rows.Size), seed, Check);
    }

    private FewShotNetwork Learn(EpisodicTraining training, EpisodeRows rows, TorchDevice device)
    {
        if (_options.Learner == CactusLearner.Maml)
            return training.LearnInitialization(_options, rows, null, 0, device);
        EmbeddingArchitecture architecture = _options.PrototypeArchitecture(rows.Size).RequireScorable(nameof(CactusOptions));
        var loss = new PrototypeLoss(Distance.SquaredEuclidean, _options.Temperature, _options.SupportInTurn);
        return new PrototypeNetwork(architecture, training.LearnPrototypes(architecture, loss, rows, null, 0, device), loss.Distance, loss.Temperature);
    }

    private void Check() => Host.ThrowIfCanceled(_environment);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Tasks(EpisodeRows Episodes, EmbeddingSpace? Space, float[] Centroids, int EmbeddingSize);
}
