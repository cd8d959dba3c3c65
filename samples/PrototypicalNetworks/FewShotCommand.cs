using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Samples.Characters;
using Spectre.Console;

namespace MLNet.Papers.Samples.PrototypicalNetworks;

/// <summary>Teaches a network to recognise characters of alphabets it has never seen, from one drawing of each.</summary>
internal sealed class FewShotCommand : SampleCommand
{
    private const int EvaluationEpisodes = 1_000;
    private const int Queries = 5;
    private const string ModelFile = "characters.zip";

    private static readonly (int Ways, int Shots, string Figure)[] Protocols =
    [
        (5, 1, "fiveWayOneShotPercent"),
        (5, 5, "fiveWayFiveShotPercent"),
        (20, 1, "twentyWayOneShotPercent"),
        (20, 5, "twentyWayFiveShotPercent"),
    ];

    private readonly Option<string?> _data = new("--data")
    {
        Description = "Folder or .zip of images (.png, .jpg, .bmp), one folder a class at any depth, at least 10 images a class; Omniglot's archives as they are. Without it, alphabets are drawn.",
        HelpName = "PATH",
    };

    private readonly Option<string?> _oneShotRuns = new("--one-shot-runs")
    {
        Description = "Omniglot's all_runs.zip: train on all classes of --data and report the error of its 20 one-shot runs.",
        HelpName = "ZIP",
    };

    private readonly Option<double?> _minutes = new("--minutes")
    {
        Description = "Longest time to train. Without it 2; 9.5 with --one-shot-runs; no limit with --episodes.",
        HelpName = "M",
    };

    private readonly Option<int?> _episodes = new("--episodes")
    {
        Description = "Episodes to train, unless --minutes ends training before. With this and without --minutes, the same seed gives the same figures.",
        HelpName = "N",
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public FewShotCommand()
    {
        _minutes.Validators.Add(result => Require(result.GetValueOrDefault<double?>() is null or (> 0 and <= 10_000), result, "--minutes must be above 0 and at most 10000."));
        _episodes.Validators.Add(result => Require(result.GetValueOrDefault<int?>() is null or >= 1, result, "--episodes must be at least 1."));

        static void Require(bool holds, System.CommandLine.Parsing.OptionResult result, string message)
        {
            if (!holds)
                result.AddError(message);
        }
    }

    /// <inheritdoc/>
    public override string Name => "few-shot";

    /// <inheritdoc/>
    public override string Description =>
        "Prototypical networks: recognises characters of alphabets it has never seen, from one or five drawings of each. " +
        "Needs no data (it draws alphabets of its own) and under 4 minutes on 2 cores; with --one-shot-runs about 10 minutes.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_data, _oneShotRuns, _minutes, _episodes];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        string? path = arguments.GetValue(_data);
        IReadOnlyList<OneShotRun>? oneShotRuns = arguments.GetValue(_oneShotRuns) is { } runsPath ? OneShotRuns.Read(runsPath) : null;
        FewShotData data = path is null ? FewShotData.Draw(run.Seed) : oneShotRuns is null ? FewShotData.Read(path, run.Seed) : FewShotData.ReadAll(path);
        Console.WriteLine($"Images: {data.Description}.");
        Console.WriteLine(Text($"Training on {Count(data.Training)}."));

        MLContext ml = run.NewContext();
        IDataView training = LabelledImage.View(ml, data.Training);
        int? episodes = arguments.GetValue(_episodes);
        double? minutes = arguments.GetValue(_minutes) ?? (episodes is null ? (oneShotRuns is null ? 2 : 9.5) : null);
        using PrototypicalNetworkTransformer model = Train(ml, training, episodes, minutes, run);
        string modelPath = run.OutputPath(ModelFile);
        ml.Model.Save(model, training.Schema, modelPath);

        if (data.Unseen.Count > 0)
            ReportFewShot(ml, model, data.Unseen, run);

        // From here on everything happens as in another process that has nothing but the file.
        MLContext elsewhere = run.NewContext();
        using var loaded = (PrototypicalNetworkTransformer)elsewhere.Model.Load(modelPath, out _);
        AnsweredTask? newAlphabet = data.Unseen.Count > 0 ? RecogniseNewAlphabet(elsewhere, loaded, data.Unseen, run) : null;
        AnsweredTask? firstRun = oneShotRuns is not null ? ReportOneShotRuns(elsewhere, loaded, oneShotRuns, run) : null;

        AnsweredTask shown = firstRun ?? newAlphabet!;
        string title = Text($"{shown.Ways} new characters, one example of each: {shown.Right} of {shown.Answers.Count} drawings recognised");
        FewShotPictures.SaveTask(run.OutputPath("task.png"), title, shown);
        Console.WriteLine($"Written: {modelPath}, {run.OutputPath("task.png")}, {run.OutputPath("learning-curve.png")}.");
    }

    private static PrototypicalNetworkTransformer Train(MLContext ml, IDataView training, int? episodes, double? minutes, SampleRun run)
    {
        var reports = new List<TrainingProgress>();
        var clock = Stopwatch.StartNew();
        PrototypicalNetworkTransformer model = TrainingProgressBar.Show("episodes", isTimed: episodes is null, reports.Add, Fit, run.Cancellation);
        run.Record("trainSeconds", clock.Elapsed.TotalSeconds);
        run.Record("trainEpisodes", reports[^1].Step);
        Console.WriteLine(Text($"Trained {reports[^1].Step} episodes in {clock.Elapsed.TotalSeconds:F0} s."));
        FewShotPictures.SaveLearningCurve(run.OutputPath("learning-curve.png"), reports);
        return model;

        PrototypicalNetworkTransformer Fit(IProgress<TrainingProgress> progress)
        {
            PrototypicalNetworkTrainer trainer = ml.MulticlassClassification.Trainers.PrototypicalNetwork("Label", "Pixels", new PrototypicalNetworkOptions
            {
                ImageShape = new ImageShape(1, CharacterImage.Side, CharacterImage.Side),
                Ways = 20,
                Shots = 1,
                QueriesPerClass = 5,
                Episodes = episodes ?? 1_000_000,
                TimeLimit = minutes is { } limit ? TimeSpan.FromMinutes(limit) : null,
                LearningRateDecay = LearningRateDecay.Cosine,
                Rotations = true,
                AffineJitter = 1,
                Seed = run.Seed,
                Progress = progress,
            });
            return trainer.Fit(training);
        }
    }

    private static void ReportFewShot(MLContext ml, PrototypicalNetworkTransformer model, IReadOnlyList<CharacterImage> images, SampleRun run)
    {
        IDataView unseen = LabelledImage.View(ml, images);
        int classes = images.Select(image => image.Character).Distinct().Count();
        Table table = new Table().Title("Accuracy on characters it never saw, in % (95 % interval)")
            .AddColumns(new TableColumn("Task"), new TableColumn("Prototypical network").RightAligned(), new TableColumn("Nearest neighbour on pixels").RightAligned());
        foreach ((int ways, int shots, string figure) in Protocols.Where(protocol => protocol.Ways <= classes))
        {
            run.Cancellation.ThrowIfCancellationRequested();
            FewShotMetrics metrics = ml.MulticlassClassification.EvaluateFewShot(unseen, model, ways, shots, Queries, EvaluationEpisodes, run.Seed);
            (double baseline, double interval) = PixelBaseline.Evaluate(images, ways, shots, Queries, EvaluationEpisodes, run.Seed, run.Cancellation);
            run.Record(figure, 100 * metrics.MeanAccuracy);
            run.Record($"baseline{char.ToUpperInvariant(figure[0])}{figure[1..]}", 100 * baseline);
            table.AddRow($"{ways}-way {shots}-shot", Percent(metrics.MeanAccuracy, metrics.ConfidenceInterval), Percent(baseline, interval));
        }

        AnsiConsole.Write(table);
        Console.WriteLine(Text($"{EvaluationEpisodes} episodes for each number, drawn from {Count(images)}; the characters of an episode come from several alphabets."));
    }

    /// <summary>One drawing of each character of an alphabet that was not trained on, and then everybody else's drawings of them.</summary>
    private static AnsweredTask RecogniseNewAlphabet(MLContext ml, PrototypicalNetworkTransformer model, IReadOnlyList<CharacterImage> unseen, SampleRun run)
    {
        // Of the alphabets that were held out the one that makes the task closest to 20-way.
        CharacterImage[] alphabet = [.. unseen.GroupBy(image => image.Alphabet).MinBy(group => Math.Abs(20 - group.Select(image => image.Character).Distinct().Count()))!];
        CharacterImage[] support = [.. alphabet.Where(image => image.Writer == 1)];
        AnsweredTask task = Answer(ml, model, support, [.. alphabet.Where(image => image.Writer != 1)]);
        run.Record("newAlphabetOneShotPercent", 100 - task.ErrorPercent);
        Console.WriteLine(Text($"Loaded {ModelFile} and gave it one drawing of each of the {task.Ways} characters of '{alphabet[0].Alphabet}': it recognises {task.Right} of {task.Answers.Count} other drawings ({100 - task.ErrorPercent:F1} %)."));
        return task;
    }

    private static AnsweredTask ReportOneShotRuns(MLContext ml, PrototypicalNetworkTransformer model, IReadOnlyList<OneShotRun> oneShotRuns, SampleRun run)
    {
        var tasks = new List<AnsweredTask>();
        var baselines = new List<double>();
        Table table = new Table().Title("Errors in Omniglot's one-shot runs, in %")
            .AddColumns(new TableColumn("Run"), new TableColumn("Prototypical network").RightAligned(), new TableColumn("Nearest neighbour on pixels").RightAligned());
        foreach (OneShotRun oneShotRun in oneShotRuns)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            tasks.Add(Answer(ml, model, oneShotRun.Support, oneShotRun.Queries));
            baselines.Add(100.0 * oneShotRun.Queries.Count(query => PixelBaseline.Nearest(oneShotRun.Support, query).Character != query.Character) / oneShotRun.Queries.Count);
            table.AddRow(oneShotRun.Name, Text($"{tasks[^1].ErrorPercent:F1}"), Text($"{baselines[^1]:F1}"));
        }

        double mean = tasks.Average(task => task.ErrorPercent);
        table.AddEmptyRow().AddRow("Mean", Text($"{mean:F2}"), Text($"{baselines.Average():F2}"));
        run.Record("oneShotRunsErrorPercent", mean);
        run.Record("baselineOneShotRunsErrorPercent", baselines.Average());
        AnsiConsole.Write(table);
        return tasks[0];
    }

    /// <summary>Gives a model new classes, one image of each, and lets it classify other images. There is no training in this.</summary>
    private static AnsweredTask Answer(MLContext ml, PrototypicalNetworkTransformer model, IReadOnlyList<CharacterImage> support, IReadOnlyList<CharacterImage> queries)
    {
        using PrototypicalNetworkTransformer taught = model.WithSupport(LabelledImage.View(ml, support));
        IDataView scored = taught.Transform(LabelledImage.View(ml, queries));
        IDataView named = ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored).Transform(scored);
        IEnumerable<RecognisedImage> answers = ml.Data.CreateEnumerable<RecognisedImage>(named, reuseRowObject: false);
        return new AnsweredTask(support, [.. queries.Zip(answers, (query, answer) => (query, answer.PredictedLabel))]);
    }

    private static string Count(IReadOnlyList<CharacterImage> images) =>
        Text($"{images.Count} images of {images.Select(image => image.Character).Distinct().Count()} characters from {images.Select(image => image.Alphabet).Distinct().Count()} alphabets");

    private static string Percent(double value, double interval) => Text($"{100 * value:F1} ± {100 * interval:F1}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class RecognisedImage
    {
        public string PredictedLabel { get; set; } = "";
    }
}
