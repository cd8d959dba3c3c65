using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.PrototypicalNetworks;

namespace MLNet.Papers.Samples.Cactus;

/// <summary>
/// Learns from drawings of characters without labels, and then recognises characters of other alphabets from one or five labelled drawings of each.
/// </summary>
internal sealed class UnlabelledCommand : SampleCommand
{
    private readonly Option<string?> _data = new("--data")
    {
        Description = "Folder or .zip of images (.png, .jpg, .bmp), one folder a class at any depth, at least 10 images a class; " +
            "Omniglot's archives as they are. Without it, alphabets are drawn. " +
            "The classes are used to hold some out and to measure, not to learn (but by the oracle).",
        HelpName = "PATH",
    };

    private readonly Option<string?> _oneShotRuns = new("--one-shot-runs")
    {
        Description = "Omniglot's all_runs.zip: learn from all images of --data, and make the tasks from the 400 characters of its 20 runs, " +
            "which have two drawings each: 1-shot tasks alone.",
        HelpName = "ZIP",
    };

    private readonly Option<int> _steps = Number("--steps", "Training steps of CACTUs-ProtoNets and of the oracle.", 300, 1, 1_000_000);

    private readonly Option<int> _mamlSteps = Number("--maml-steps", "Training steps of CACTUs-MAML, of 8 tasks each; 0 leaves it out.", 60, 0, 1_000_000);

    private readonly Option<int> _clusters = Number("--clusters", "Clusters of a partition; at most what gives 6 images each.", 100, 20, 100_000);

    private readonly Option<int> _partitions = Number("--partitions", "Partitions.", 10, 1, 10_000);

    private readonly Option<int> _tasks = Number("--tasks", "Tasks that accuracy is measured on, the same ones for all.", 100, 2, 100_000);

    private readonly Option<int> _ways = Number("--ways", "Classes of a constructed task.", 20, 2, 1_000);

    private readonly Option<bool> _controls = new("--controls") { Description = "Also learn from random groups of the images, and from one partition." };

    private readonly Option<CactusEmbedding> _embedding = new("--embedding")
    {
        Description = "What is clustered: PrincipalComponents, Autoencoder or Acai.",
        HelpName = "KIND",
        DefaultValueFactory = _ => CactusEmbedding.PrincipalComponents,
    };

    private readonly Option<int> _embeddingSize = Number("--embedding-size", "Length of what is clustered.", 64, 2, 4_096);

    private readonly Option<double> _jitter = new("--jitter")
    {
        Description = "How much images are distorted anew in every task; 0 as in the paper, 1 by up to 15 degrees and percent.",
        HelpName = "X",
        DefaultValueFactory = _ => 0,
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public UnlabelledCommand() => _jitter.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<double>() is not (>= 0 and <= 4))
            result.AddError("--jitter must be from 0 to 4.");
    });

    /// <inheritdoc/>
    public override string Name => "unlabelled";

    /// <inheritdoc/>
    public override string Description =>
        "CACTUs: learns from images without labels by clustering them and recognising the clusters, " +
        "then recognises classes it has never seen from one or five labelled images of each. " +
        "Needs no data (it draws alphabets of its own) and takes several minutes on 2 cores.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options =>
        [_data, _oneShotRuns, _steps, _mamlSteps, _clusters, _partitions, _ways, _embedding, _embeddingSize, _tasks, _controls, _jitter];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        string? path = arguments.GetValue(_data);
        IReadOnlyList<OneShotRun>? oneShotRuns = arguments.GetValue(_oneShotRuns) is { } runsPath ? OneShotRuns.Read(runsPath) : null;
        FewShotData data = path is null ? FewShotData.Draw(run.Seed) : oneShotRuns is null ? FewShotData.Read(path, run.Seed) : FewShotData.ReadAll(path);
        IReadOnlyList<CharacterImage> unseen =
            oneShotRuns is null ? data.Unseen : [.. oneShotRuns.SelectMany(oneShotRun => oneShotRun.Support.Concat(oneShotRun.Queries))];
        Console.WriteLine($"Images: {data.Description}.");
        Console.WriteLine($"Learning, without their labels, from {FewShotReport.Count(data.Training)}.");

        MLContext ml = run.NewContext();
        IDataView training = LabelledImage.View(ml, data.Training);
        CactusOptions options = LearningOptions(arguments, run, data.Training.Count);
        UnlabelledPictures.SaveTasks(
            run.OutputPath("tasks.png"), data.Training,
            ml.Transforms.FeaturizeWithCactus("Learned", "Pixels", With(options, partitions: Math.Min(4, options.Partitions))).ConstructTasks(training, 3));

        using CactusTransformer learned = Learn("CACTUs-ProtoNets", "cactusProtoSeconds", options);
        string modelPath = run.OutputPath("cactus.zip");
        ml.Model.Save(learned, training.Schema, modelPath);
        var others = new Dictionary<string, CactusTransformer>();
        if (arguments.GetValue(_mamlSteps) is > 0 and var mamlSteps)
            others[UnlabelledReport.Maml] = Learn(UnlabelledReport.Maml, "cactusMamlSeconds", Maml(With(options, steps: mamlSteps)));
        if (arguments.GetValue(_controls))
        {
            others[UnlabelledReport.OnePartition] = Learn(UnlabelledReport.OnePartition, null, With(options, partitions: 1));
            others[UnlabelledReport.RandomLabels] = Learn(UnlabelledReport.RandomLabels, null, With(options, partitioning: CactusPartitioning.Random));
        }

        using PrototypicalNetworkTransformer oracle = Oracle();
        // From here on everything happens as in another process that has nothing but the file.
        MLContext elsewhere = run.NewContext();
        using var loaded = (CactusTransformer)elsewhere.Model.Load(modelPath, out _);
        UnlabelledReport.Accuracy(elsewhere, loaded, others, oracle, unseen, arguments.GetValue(_tasks), run);
        foreach (CactusTransformer other in others.Values)
            other.Dispose();
        Console.WriteLine($"Written: {modelPath}, {run.OutputPath("tasks.png")}.");

        CactusTransformer Learn(string name, string? figure, CactusOptions how)
        {
            var clock = Stopwatch.StartNew();
            CactusTransformer model = TrainingProgressBar.Show(
                progress => Text($"{name}: step {progress.Step} of {progress.Steps}, loss {progress.Loss:F3}, {TrainingProgressBar.TimeLeft(progress)}"),
                _ => { },
                progress => ml.Transforms.FeaturizeWithCactus("Learned", "Pixels", With(how, progress: progress)).Fit(training));
            if (figure is not null)
                run.Record(figure, clock.Elapsed.TotalSeconds);
            Console.WriteLine(Text($"{name}: {how.Steps} steps in {clock.Elapsed.TotalSeconds:F0} s, clustering included."));
            return model;
        }

        PrototypicalNetworkTransformer Oracle() => TrainingProgressBar.Show(
            progress =>
                Text($"Oracle with labels: step {progress.Step} of {progress.Steps}, loss {progress.Loss:F3}, {TrainingProgressBar.TimeLeft(progress)}"),
            _ => { },
            progress => ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Pixels", new()
            {
                ImageShape = options.ImageShape,
                Ways = options.Ways,
                Shots = options.Shots,
                QueriesPerClass = options.QueriesPerClass,
                Episodes = options.Steps,
                AffineJitter = options.AffineJitter,
                Seed = run.Seed,
                Progress = progress,
            }).Fit(training));
    }

    // The paper's settings for Omniglot, but for the size of the problem: 100 clusters for its 500.
    private CactusOptions LearningOptions(ParseResult arguments, SampleRun run, int images)
    {
        const int Queries = 5;
        return new()
        {
            ImageShape = new ImageShape(1, CharacterImage.Side, CharacterImage.Side),
            Embedding = arguments.GetValue(_embedding),
            EmbeddingSize = arguments.GetValue(_embeddingSize),
            Clusters = Math.Min(arguments.GetValue(_clusters), images / (Queries + 1)),
            Partitions = arguments.GetValue(_partitions),
            Ways = arguments.GetValue(_ways),
            Shots = 1,
            QueriesPerClass = Queries,
            Steps = arguments.GetValue(_steps),
            AffineJitter = arguments.GetValue(_jitter),
            Seed = run.Seed,
        };
    }

    private static CactusOptions Maml(CactusOptions options)
    {
        options.Learner = CactusLearner.Maml;
        options.Filters = 32;
        options.LearningRateDecay = LearningRateDecay.None;
        return options;
    }

    private static CactusOptions With(
        CactusOptions options,
        int? partitions = null,
        int? steps = null,
        CactusPartitioning? partitioning = null,
        IProgress<TrainingProgress>? progress = null) => new()
        {
            ImageShape = options.ImageShape,
            Embedding = options.Embedding,
            EmbeddingSize = options.EmbeddingSize,
            Clusters = options.Clusters,
            Partitions = partitions ?? options.Partitions,
            Partitioning = partitioning ?? options.Partitioning,
            Ways = options.Ways,
            Shots = options.Shots,
            QueriesPerClass = options.QueriesPerClass,
            Steps = steps ?? options.Steps,
            AffineJitter = options.AffineJitter,
            Learner = options.Learner,
            Filters = options.Filters,
            LearningRateDecay = options.LearningRateDecay,
            Seed = options.Seed,
            Progress = progress,
        };

    private static Option<int> Number(string name, string description, int value, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least || result.GetValueOrDefault<int>() > most)
                result.AddError(Text($"{name} must be from {least} to {most}."));
        });
        return option;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
