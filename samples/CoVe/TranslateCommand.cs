using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;
using Spectre.Console;
using static System.FormattableString;

namespace MLNet.Papers.Samples.CoVe;

/// <summary>Learns to translate, and says how well.</summary>
internal sealed class TranslateCommand : SampleCommand
{
    private const int ShownTranslations = 6;
    private const int DrawnTranslations = 3;
    private const int LongestDrawn = 12;
    private const int HighestDrawn = 60;
    private const int EpochsWithoutEnd = 1_000;

    private readonly Option<string?> _data = new("--data")
    {
        Description = "A folder with train, val and test_2016_flickr in English and the other language (train.en or train.en.gz, ...), " +
            "as Multi30k has them. Without it, the messages of the .NET SDK.",
        HelpName = "FOLDER",
    };

    private readonly Option<string> _language =
        new("--language") { Description = "The language that English is translated into.", HelpName = "CODE", DefaultValueFactory = _ => "de" };

    private readonly Option<int> _minutes = new("--minutes") { Description = "How long training takes.", HelpName = "N", DefaultValueFactory = _ => 30 };

    private readonly Option<int> _hidden =
        new("--hidden") { Description = "H, the size of an encoder layer in each direction.", HelpName = "N", DefaultValueFactory = _ => 128 };

    private readonly Option<string?> _checkpoints =
        new("--checkpoints") { Description = "A folder for the state of training, from which a run that was killed goes on.", HelpName = "FOLDER" };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public TranslateCommand()
    {
        OptionRules.Between(_minutes, 1, 100_000);
        OptionRules.Between(_hidden, 8, 1024);
    }

    /// <inheritdoc/>
    public override string Name => "translate";

    /// <inheritdoc/>
    public override string Description =>
        "CoVe's translation model: learns to translate English from the .NET SDK's own messages or from --data, measures BLEU on texts it never saw, " +
        "and draws what it attended to. " +
        "Takes as long as --minutes says and a minute.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_data, _language, _minutes, _hidden, _checkpoints];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        string language = arguments.GetValue(_language)!;
        ParallelTexts texts = arguments.GetValue(_data) is { } folder ? ParallelTexts.OfFolder(folder, language) : ParallelTexts
            .OfMessages(language, run.Seed, run.Cancellation);
        Console.WriteLine(Invariant($"{texts.Training.Length} pairs to learn from, {texts.Validation.Length} to validate on, {texts.Test.Length} to test on."));
        MLContext ml = run.NewContext();
        ml.Log += (_, message) =>
        {
            if (message.Source.StartsWith("TranslationTraining", StringComparison.Ordinal)
                && !message.RawMessage.StartsWith("Validation", StringComparison.Ordinal) && message.Kind >= Microsoft.ML.Runtime.ChannelMessageKind.Info)
            {
                Console.WriteLine(message.RawMessage);
            }
        };
        var options = new TranslationOptions
        {
            TargetColumnName = nameof(TextPair.Target),
            HiddenSize = arguments.GetValue(_hidden),
            EmbeddingSize = arguments.GetValue(_hidden),
            MinTargetCount = 3,
            Dropout = 0.3,
            Epochs = EpochsWithoutEnd,
            TimeLimit = TimeSpan.FromMinutes(arguments.GetValue(_minutes)),
            Validation = Rows(ml, texts.Validation),
            ValidationInterval = 200,
            CheckpointFolder = arguments.GetValue(_checkpoints),
            CheckpointInterval = 200,
            Seed = run.Seed,
        };
        var curve = new List<(double Minutes, double Perplexity)>();
        TrainingProgress? last = null;
        using TranslationTransformer model = TrainingProgressBar.Show(Describe, Watch, progress =>
        {
            options.Progress = progress;
            return ml.Transforms.Text.Translate("Translation", nameof(TextPair.Source), options).Fit(Rows(ml, texts.Training));
        });
        ml.Model.Save(model, Rows(ml, []).Schema, run.OutputPath("translation.zip"));
        Console.WriteLine($"Written: {run.OutputPath("translation.zip")}");
        Report(run, model, texts, last!, curve);

        void Watch(TrainingProgress progress)
        {
            if (progress.ValidationLoss is { } loss && progress.ValidationLoss != last?.ValidationLoss)
                curve.Add((progress.Elapsed.TotalMinutes, Math.Exp(loss)));
            last = progress;
        }
    }

    private static void Report(
        SampleRun run, TranslationTransformer model, ParallelTexts texts, TrainingProgress last, List<(double Minutes, double Perplexity)> curve)
    {
        double perplexity = curve.Min(point => point.Perplexity);
        string[][] references = [.. texts.Test.Select(pair => Tokens(pair.Target))];
        Table table = new Table().Title(Invariant($"{texts.Test.Length} texts that were not learned from")).AddColumn("Search")
            .AddColumn(new TableColumn("BLEU").RightAligned()).AddColumn(new TableColumn("Texts a second").RightAligned());
        foreach ((string name, string figure, TranslationOutputOptions options) in new[]
        {
            ("greedy", "bleuGreedy", new TranslationOutputOptions { BeamWidth = 1 }),
            ("beam of 5", "bleu", new TranslationOutputOptions { BeamWidth = 5 }),
            ("beam of 5, log probability divided by length", "bleuLengthPenalty", new TranslationOutputOptions { BeamWidth = 5, LengthPenalty = 1 }),
        })
        {
            run.Cancellation.ThrowIfCancellationRequested();
            using TranslationTransformer search = model.WithOutputs("Translation", nameof(TextPair.Source), options);
            long start = Stopwatch.GetTimestamp();
            string[][] translations = [.. search.Transform(Rows(run.NewContext(), texts.Test)).GetColumn<string>("Translation").Select(Tokens)];
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, bleu = Bleu.Of(translations, references);
            run.Record(figure, bleu);
            table.AddRow(name, Invariant($"{bleu:F2}"), Invariant($"{texts.Test.Length / seconds:F0}"));
        }

        AnsiConsole.Write(table);
        run.Record("perplexity", perplexity);
        run.Record("minutes", last.Elapsed.TotalMinutes);
        run.Record("steps", last.Step);
        run.Record("perplexityCurve", [.. curve.Select(point => point.Perplexity)]);
        run.Record("minutesCurve", [.. curve.Select(point => point.Minutes)]);
        Console.WriteLine(Invariant($"Validation perplexity {perplexity:F2} after {last.Step} steps and {last.Elapsed.TotalMinutes:F1} minutes of training."));
        // Drawn as they are, the first minutes would flatten all others; in a short training they are all there is.
        double highest = perplexity < HighestDrawn ? HighestDrawn : double.PositiveInfinity;
        LineChart.Save(
            run.OutputPath("perplexity.png"), "Validation perplexity", "minutes of training",
            curve.Any(point => point.Perplexity > highest) ? $"perplexity (what is above {highest} is drawn at {highest})" : "perplexity",
            [
                new ChartLine(
                    "", [.. curve.Select(point => point.Minutes)], [.. curve.Select(point => Math.Min(highest, point.Perplexity))],
                    new SKColor(0x1C, 0x6D, 0xB5)),
            ]);
        Show(run, model, texts.Test);
    }

    private static void Show(SampleRun run, TranslationTransformer model, TextPair[] test)
    {
        TextPair[] shown = [.. test.Take(ShownTranslations)];
        Table table = new Table().AddColumn("English").AddColumn("Ours").AddColumn("A person's");
        foreach (TextPair pair in shown)
            table.AddRow(Markup.Escape(pair.Source), Markup.Escape(model.Translate(pair.Source).ToString()), Markup.Escape(pair.Target));
        AnsiConsole.Write(table);
        Translation[] drawn =
        [
            .. test.Where(pair => Tokens(pair.Source).Length is > 4 and <= LongestDrawn).Take(DrawnTranslations).Select(pair => model.Translate(pair.Source))
                .Where(translation => translation.Target.Count > 0),
        ];
        if (drawn.Length == 0)
            return;
        AttentionPicture.Save(run.OutputPath("attention.png"), drawn);
        Console.WriteLine($"Written: {run.OutputPath("attention.png")}, {run.OutputPath("perplexity.png")}");
    }

    private static string Describe(TrainingProgress progress)
    {
        string validation = progress.ValidationLoss is { } loss ? Invariant($", validation perplexity {Math.Exp(loss):F2}") : "";
        return Invariant(
            $"{progress.Step} steps, loss {progress.Loss:F2}{validation}, rate {progress.LearningRate:G2}, {TrainingProgressBar.TimeLeft(progress)}");
    }

    private static string[] Tokens(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static IDataView Rows(MLContext ml, IEnumerable<TextPair> pairs) => ml.Data.LoadFromEnumerable(pairs);
}
