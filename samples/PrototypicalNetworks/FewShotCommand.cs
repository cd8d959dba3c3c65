using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Samples.Characters;

namespace MLNet.Papers.Samples.PrototypicalNetworks;

/// <summary>Teaches a network to recognise characters of alphabets it has never seen, from one drawing of each.</summary>
internal sealed class FewShotCommand : SampleCommand
{
    private readonly Option<string?> _data = new("--data")
    {
        Description = "Folder or .zip of images (.png, .jpg, .bmp), one folder a class at any depth, at least 10 images a class; " +
            "Omniglot's archives as they are. Without it, alphabets are drawn.",
        HelpName = "PATH",
    };

    private readonly Option<string?> _oneShotRuns = new("--one-shot-runs")
    {
        Description = "Omniglot's all_runs.zip: train on all classes of --data and report the error in its 20 one-shot runs.",
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
        _minutes.Validators.Add(
            result => Require(result.GetValueOrDefault<double?>() is null or (> 0 and <= 10_000), result, "--minutes must be above 0 and at most 10000."));
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
        Console.WriteLine($"Training on {FewShotReport.Count(data.Training)}.");

        MLContext ml = run.NewContext();
        IDataView training = LabelledImage.View(ml, data.Training);
        int? episodes = arguments.GetValue(_episodes);
        double? minutes = arguments.GetValue(_minutes) ?? (episodes is null ? (oneShotRuns is null ? 2 : 9.5) : null);
        using PrototypicalNetworkTransformer model = Train(ml, training, episodes, minutes, run);
        string modelPath = run.OutputPath("characters.zip");
        ml.Model.Save(model, training.Schema, modelPath);

        if (data.Unseen.Count > 0)
            FewShotReport.Accuracy(ml, model, data.Unseen, run);

        // From here on everything happens as in another process that has nothing but the file.
        MLContext elsewhere = run.NewContext();
        using var loaded = (PrototypicalNetworkTransformer)elsewhere.Model.Load(modelPath, out _);
        AnsweredTask? newAlphabet = data.Unseen.Count > 0 ? FewShotReport.NewAlphabet(elsewhere, loaded, data.Unseen, run) : null;
        AnsweredTask? firstRun = oneShotRuns is not null ? FewShotReport.OneShotErrors(elsewhere, loaded, oneShotRuns, run) : null;

        AnsweredTask shown = firstRun ?? newAlphabet!;
        string title = Text($"{shown.Ways} new characters, one example of each: {shown.Right} of {shown.Answers.Count} drawings recognised");
        FewShotPictures.SaveTask(run.OutputPath("task.png"), title, shown);
        Console.WriteLine($"Written: {modelPath}, {run.OutputPath("task.png")}, {run.OutputPath("learning-curve.png")}.");
    }

    private static PrototypicalNetworkTransformer Train(MLContext ml, IDataView training, int? episodes, double? minutes, SampleRun run)
    {
        var reports = new List<TrainingProgress>();
        var clock = Stopwatch.StartNew();
        PrototypicalNetworkTransformer model = TrainingProgressBar.Show("episodes", isTimed: episodes is null, reports.Add, Fit);
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
                SupportInTurn = true,
                Temperature = 10,
                LearningRate = 3e-3,
                LearningRateDecay = LearningRateDecay.Cosine,
                Rotations = true,
                AffineJitter = 1,
                Seed = run.Seed,
                Progress = progress,
            });
            return trainer.Fit(training);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
