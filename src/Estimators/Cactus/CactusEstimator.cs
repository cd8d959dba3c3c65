using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Cactus;
using MLNet.Papers.Columns;
using MLNet.Papers.Episodes;
using MLNet.Papers.FewShot;
using MLNet.Papers.Images;
using MLNet.Papers.Maml;
using MLNet.Papers.Networks;
using MLNet.Papers.PrototypicalNetworks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;
using TorchSharp;
using static System.FormattableString;

namespace MLNet.Papers;

/// <summary>Learns features and a few-shot learner from rows without labels: it clusters them and learns from tasks whose classes are clusters.</summary>
/// <remarks>
/// <para><b>Source.</b> Hsu, Levine and Finn, "Unsupervised Learning via Meta-Learning", ICLR 2019, arXiv:1810.02334 (CACTUs: clustering to automatically
/// construct tasks for unsupervised meta-learning); Algorithm 1.</para>
/// <para><b>Input.</b> A vector of Single of known length D, finite, which is an image in CHW order with <see cref="FewShotOptions.ImageShape"/>; or an image
/// of any size, which is resized and has values from 0 to 1. On request a
/// second vector of Single, the embedding that is clustered; the transformer does not read it.</para>
/// <para><b>Output.</b> A vector of Single, the learned features.</para>
/// <para><b>Tasks.</b> One partition is drawn uniformly, Ways of its classes uniformly whatever their size, and of each Shots + QueriesPerClass rows; the order
/// of the classes is drawn anew for every task. Where the rows do not suffice for so many clusters, ways, queries or shots, there are fewer of them, which is
/// said in warnings.</para>
/// <para><b>Cost.</b> Fit holds 4·n·(D + d) bytes of rows and embeddings, the rows again on the device, 4·n·P of partitions, and 64 MB of distances while it
/// clusters.</para>
/// <para><b>Randomness.</b> Embedding, clusters, initial weights and episodes, all from Seed. The same seed, data and number of threads give the same weights
/// on a CPU.</para>
/// <para><b>Fit.</b> Learns from all rows, which are read once; no column but those that the options name is looked at.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are too few rows for tasks of two classes, or too few clusters with enough rows; all rows have the same embedding; a number, a loss or a weight is not
/// finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class CactusEstimator : TechniqueEstimator<CactusTransformer, CactusOptions>
{
    private readonly string _outputColumnName;
    private readonly FeatureColumn _features;

    internal CactusEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, CactusOptions? options)
        : base(environment, options) => (_outputColumnName, _features) = (Named(outputColumnName), new(Named(inputColumnName), Options.ImageShape));

    private protected override IEnumerable<InputColumn> Inputs => Options.EmbeddingColumnName is { } embedding
        ? [_features, new VectorColumn(embedding) { Option = $"{nameof(CactusOptions)}.{nameof(CactusOptions.EmbeddingColumnName)}" }]
        : [_features];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => [OutputColumn.Embedding(_outputColumnName)];

    private protected override TechniqueEstimator<CactusTransformer> For(DataViewSchema schema) => _features.ShapeToTake(schema) is { } shape
        ? new CactusEstimator(Environment, _outputColumnName, _features.Name, Options.For(shape))
        : this;

    private protected override CactusTransformer Fit(IDataView input, IChannel channel)
    {
        TorchDevice device = TorchDevice.Of(Environment);
        Tasks tasks = Construct(input, device, channel);
        FewShotNetwork network = Learn(tasks.Options, tasks.Episodes, device);
        return new CactusTransformer(Environment, new CactusTransformer.State(
            _outputColumnName, _features.Name, Options.EmbeddingColumnName, network as PrototypeNetwork, network as MamlNetwork, tasks.Space, tasks.Centroids,
            tasks.EmbeddingSize));
    }

    /// <summary>Constructs tasks from unlabelled rows as <see cref="Fit"/> does, to be looked at.</summary>
    /// <param name="input">The rows, read once.</param>
    /// <param name="count">How many tasks. At least 1.</param>
    /// <returns>The tasks; with the seed of the fit they are the first that the learner is given.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or there are to be no tasks.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are too few rows for the tasks, or too few clusters with enough rows, or a number is not finite.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled.</exception>
    public IReadOnlyList<CactusTask> ConstructTasks(IDataView input, int count)
    {
        RequireColumns(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using IChannel channel = Environment.Start(nameof(CactusEstimator));
        return ((CactusEstimator)For(input.Schema)).ConstructTasks(input, count, channel);
    }

    private IReadOnlyList<CactusTask> ConstructTasks(IDataView input, int count, IChannel channel)
    {
        Tasks tasks = Construct(input, TorchDevice.Of(Environment), channel);
        CactusOptions options = tasks.Options;
        using var source = new EpisodeSource(options, tasks.Episodes, torch.CPU, augments: false);
        return [.. Enumerable.Range(0, count).Select(step => source.DrawRows(StepRandom.Create(options.Seed!.Value, step))).Select(drawn => new CactusTask(
            drawn.Partition, Classes(drawn.Episode.Support, options.Shots), Classes(drawn.Episode.Queries, options.QueriesPerClass)))];

        static IReadOnlyList<IReadOnlyList<int>> Classes(int[] rows, int each) => [.. rows.Chunk(each)];
    }

    private Tasks Construct(IDataView input, TorchDevice device, IChannel channel)
    {
        UnlabelledRows rows = UnlabelledRows.Read(input, _features, Options.EmbeddingColumnName, Check);
        CactusOptions options = ForRows(rows.Count);
        int seed = options.Seed!.Value;
        EpisodeClasses.WarnOfJitter(options, channel);
        EmbeddingSpace? space = rows.Embeddings is null ? Embed(rows, seed, device) : null;
        float[] embeddings = rows.Embeddings ?? space!.Embed(rows.Features, device, Check);
        int size = space?.Architecture.OutputSize ?? rows.EmbeddingSize;
        CheckEmbeddings(embeddings, size, channel);
        (PartitionBuilder builder, IReadOnlyList<int[][]> partitions) = Partition(ref options, embeddings, size, device);
        if (options.RowsPerClass < Options.RowsPerClass)
        {
            channel.Warning(
                MessageSensitivity.None,
                Invariant($"Shots + QueriesPerClass is {Options.RowsPerClass}, but there are {rows.Count} rows: tasks take {options.Shots} + ") +
                Invariant($"{options.QueriesPerClass} rows of a class. Add rows for more."));
        }

        if (options.Partitioning != CactusPartitioning.Hyperplanes && builder.ClusterCount < Options.Clusters)
        {
            channel.Warning(
                MessageSensitivity.None,
                Invariant($"Clusters is {Options.Clusters}, but {rows.Count} rows give {builder.ClusterCount} with Shots + QueriesPerClass = ") +
                Invariant($"{options.RowsPerClass} rows. Add rows for more."));
        }

        int fewest = partitions.Min(partition => partition.Length);
        if (fewest < options.Ways)
            channel.Warning(MessageSensitivity.None, Invariant($"Ways is {options.Ways}, but a partition has {fewest} classes: a task has so many."));
        channel.Info(
            MessageSensitivity.None,
            Invariant($"{partitions.Count} partitions with {partitions.Average(partition => partition.Length):F1} classes on average."));
        return new Tasks(options, new EpisodeRows(rows.Features, rows.Size, partitions), space, builder.Centroids, size);
    }

    // The options with the seed of the fit, as far as so many rows allow.
    private CactusOptions ForRows(int count)
    {
        const int FewestRows = 4;
        var options = (CactusOptions)Options.Copy();
        options.Seed = Options.SeedOf(Environment);
        if (options.Partitioning == CactusPartitioning.Hyperplanes)
        {
            Int128 needed = (Int128)options.Ways * options.RowsPerClass;
            return count >= needed ? options : throw new InvalidOperationException(
                Invariant($"A task takes Ways × (Shots + QueriesPerClass) = {needed} rows, but there are {count} rows. Lower an option or add rows."));
        }

        if (count < FewestRows)
        {
            throw new InvalidOperationException(
                Invariant(
                    $"There must be at least {FewestRows} rows, for 2 clusters with 2 rows each, one as support and one as query, but there are {count}. ") +
                "Add rows.");
        }

        // Clusters are of unequal sizes: with a quarter of all rows each, two of them are found in most data.
        return Smaller(options, Math.Min(options.RowsPerClass, Math.Max(2, count / 4)), count);
    }

    // As many classes as there can be, with so many rows at most.
    private CactusOptions Smaller(CactusOptions options, long rowsPerClass, int count)
    {
        CactusOptions smaller = rowsPerClass < options.RowsPerClass ? options.WithRowsPerClass<CactusOptions>((int)rowsPerClass) : options;
        smaller.Clusters = (int)Math.Min(Options.Clusters, count / smaller.RowsPerClass);
        return smaller;
    }

    // Where not even two clusters have rows enough for a task, tasks take fewer rows of a class.
    private (PartitionBuilder Builder, IReadOnlyList<int[][]> Partitions) Partition(ref CactusOptions options, float[] embeddings, int size, TorchDevice device)
    {
        while (true)
        {
            var builder = new PartitionBuilder(options, embeddings, size, options.Seed!.Value, device, Check);
            if (builder.TryBuild() is { } partitions)
                return (builder, partitions);
            if (options.RowsPerClass <= 2)
                throw new InvalidOperationException(builder.Fault);
            options = Smaller(options, Math.Max(2, options.RowsPerClass / 2), embeddings.Length / size);
        }
    }

    private void CheckEmbeddings(float[] embeddings, int size, IChannel channel)
    {
        int bad = Array.FindIndex(embeddings, value => !float.IsFinite(value) || Math.Abs(value) > 1e15f);
        if (bad >= 0)
        {
            throw new InvalidOperationException(
                Invariant($"The embedding of row {bad / size} is not finite or too large to be clustered. ") +
                Invariant($"Column '{Options.EmbeddingColumnName ?? _features.Name}' has numbers that are too large: normalize them first."));
        }

        int constant = Enumerable.Range(0, size)
            .Count(dimension => Enumerable.Range(1, (embeddings.Length / size) - 1).All(row => embeddings[(row * size) + dimension] == embeddings[dimension]));
        if (constant == size)
        {
            throw new InvalidOperationException(
                "All rows have the same embedding, so they cannot be clustered: " +
                $"column '{Options.EmbeddingColumnName ?? _features.Name}' must differ from row to row.");
        }

        if (constant > 0)
        {
            channel.Warning(
                MessageSensitivity.None, Invariant($"{constant} of {size} dimensions of the embedding are the same in all rows and do not matter."));
        }
    }

    private EmbeddingSpace Embed(UnlabelledRows rows, int seed, TorchDevice device)
    {
        Check();
        if (Options.Embedding != CactusEmbedding.PrincipalComponents)
            return AutoencoderTraining.Fit(Environment, rows.Features, Options.ImageShape, rows.Size, Options, seed, device);
        return PrincipalComponents.Fit(rows.Features, rows.Size, Math.Min(Options.EmbeddingSize, rows.Size), seed, Check);
    }

    private FewShotNetwork Learn(CactusOptions options, EpisodeRows rows, TorchDevice device)
    {
        var training = new EpisodicTraining(Environment, options, options.Steps);
        if (options.Learner == CactusLearner.Maml)
            return training.LearnInitialization(options, rows, null, 0, device);
        EmbeddingArchitecture architecture = Options.PrototypeArchitecture(rows.Size).RequireScorable(nameof(CactusOptions));
        var loss = new PrototypeLoss(Distance.SquaredEuclidean, Options.Temperature, Options.SupportInTurn);
        return new PrototypeNetwork(architecture, training.LearnPrototypes(architecture, loss, rows, null, 0, device), loss.Distance, loss.Temperature);
    }


    private sealed record Tasks(CactusOptions Options, EpisodeRows Episodes, EmbeddingSpace? Space, float[] Centroids, int EmbeddingSize);
}
