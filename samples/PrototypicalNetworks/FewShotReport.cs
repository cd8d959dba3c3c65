using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Samples.Characters;
using Spectre.Console;

namespace MLNet.Papers.Samples.PrototypicalNetworks;

/// <summary>What a trained network can do: measured, shown on the console and noted in the figures of the run.</summary>
internal static class FewShotReport
{
    private const int EvaluationEpisodes = 1_000;
    private const int Queries = 5;

    private static readonly (int Ways, int Shots, string Figure)[] Protocols =
    [
        (5, 1, "fiveWayOneShotPercent"),
        (5, 5, "fiveWayFiveShotPercent"),
        (20, 1, "twentyWayOneShotPercent"),
        (20, 5, "twentyWayFiveShotPercent"),
    ];

    /// <summary>Accuracy over random episodes of characters that were not trained on, beside the baseline.</summary>
    public static void Accuracy(MLContext ml, PrototypicalNetworkTransformer model, IReadOnlyList<CharacterImage> images, SampleRun run)
    {
        IDataView unseen = LabelledImage.View(ml, images);
        int classes = images.Select(image => image.Character).Distinct().Count();
        Table table = new Table().Title("Accuracy on characters it never saw, in % (95 % interval)")
            .AddColumns(
                new TableColumn("Task"), new TableColumn("Prototypical network").RightAligned(), new TableColumn("Nearest neighbour on pixels").RightAligned());
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
        string mixture = CountAlphabets(images) > 1 ? "; the characters of an episode come from several alphabets" : "";
        Console.WriteLine(Text($"{EvaluationEpisodes} episodes for each number, drawn from {Count(images)}{mixture}."));
    }

    /// <summary>One drawing of each character of an alphabet that was not trained on, and then everybody else's drawings of them.</summary>
    public static AnsweredTask NewAlphabet(MLContext ml, PrototypicalNetworkTransformer model, IReadOnlyList<CharacterImage> unseen, SampleRun run)
    {
        // Of the alphabets that were held out the one that makes the task closest to 20-way.
        CharacterImage[] alphabet =
        [
            .. unseen.GroupBy(image => image.Alphabet).MinBy(group => Math.Abs(20 - group.Select(image => image.Character).Distinct().Count()))!,
        ];
        CharacterImage[] support = [.. alphabet.Where(image => image.Writer == 1)];
        AnsweredTask task = Answer(ml, model, support, [.. alphabet.Where(image => image.Writer != 1)]);
        run.Record("newAlphabetOneShotPercent", 100 - task.ErrorPercent);
        Console.WriteLine(
            Text($"Loaded the model and gave it one drawing of each of the {task.Ways} ") +
            Text($"characters{(alphabet[0].Alphabet.Length > 0 ? $" of '{alphabet[0].Alphabet}'" : " it never saw")}: ") +
            Text($"it recognises {task.Right} of {task.Answers.Count} other drawings ({100 - task.ErrorPercent:F1} %)."));
        return task;
    }

    /// <summary>The error in each of Omniglot's one-shot runs, beside the baseline.</summary>
    /// <returns>The first run.</returns>
    public static AnsweredTask OneShotErrors(MLContext ml, PrototypicalNetworkTransformer model, IReadOnlyList<OneShotRun> oneShotRuns, SampleRun run)
    {
        var tasks = new List<AnsweredTask>();
        var baselines = new List<double>();
        Table table = new Table().Title("Errors in Omniglot's one-shot runs, in %")
            .AddColumns(
                new TableColumn("Run"), new TableColumn("Prototypical network").RightAligned(), new TableColumn("Nearest neighbour on pixels").RightAligned());
        foreach (OneShotRun oneShotRun in oneShotRuns)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            tasks.Add(Answer(ml, model, oneShotRun.Support, oneShotRun.Queries));
            baselines.Add(
                100.0 * oneShotRun.Queries.Count(
                    query => PixelBaseline.Nearest(oneShotRun.Support, query).Character != query.Character) / oneShotRun.Queries.Count);
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
    private static AnsweredTask Answer(
        MLContext ml, PrototypicalNetworkTransformer model, IReadOnlyList<CharacterImage> support, IReadOnlyList<CharacterImage> queries)
    {
        using PrototypicalNetworkTransformer taught = model.WithSupport(LabelledImage.View(ml, support));
        IDataView scored = taught.Transform(LabelledImage.View(ml, queries));
        IDataView named = ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored).Transform(scored);
        IEnumerable<RecognisedImage> answers = ml.Data.CreateEnumerable<RecognisedImage>(named, reuseRowObject: false);
        return new AnsweredTask(support, [.. queries.Zip(answers, (query, answer) => (query, answer.PredictedLabel))]);
    }

    /// <summary>How many images, characters and alphabets there are, in words.</summary>
    public static string Count(IReadOnlyList<CharacterImage> images)
    {
        string characters = Text($"{images.Count} images of {images.Select(image => image.Character).Distinct().Count()} characters");
        return CountAlphabets(images) is > 1 and var alphabets ? Text($"{characters} from {alphabets} alphabets") : characters;
    }

    private static int CountAlphabets(IReadOnlyList<CharacterImage> images) => images.Select(image => image.Alphabet).Distinct().Count();

    private static string Percent(double value, double interval) => Text($"{100 * value:F1}{(double.IsNaN(interval) ? "" : Text($" ± {100 * interval:F1}"))}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class RecognisedImage
    {
        public string PredictedLabel { get; set; } = "";
    }
}
