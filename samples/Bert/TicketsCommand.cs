using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;
using Spectre.Console;
using static System.FormattableString;

namespace MLNet.Papers.Samples.Bert;

/// <summary>Measures what a published encoder of texts is worth where labels are few, beside fastText and ML.NET's own.</summary>
internal sealed class TicketsCommand : SampleCommand
{
    private static readonly int[] Budgets = [10, 50, 200];

    private static readonly (string Name, string Figure, SKColor Colour)[] Models =
    [
        ("BERT, published weights", "bert", new(0x1B, 0x6C, 0xA8)),
        ("FeaturizeText + Sdca", "sdca", new(0xE0, 0x7B, 0x39)),
        ("fastText", "fastText", new(0x6B, 0x8E, 0x23)),
    ];

    private readonly Option<string?> _data = new("--data")
    {
        Description = "Texts with classes instead of the documentation of .NET: each line a class, a tab and a text.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _kinds = new("--kinds")
    {
        Description = "Ask what the documentation describes (a method, a property, a type, a field) instead of what it is about.",
    };

    private readonly Option<int> _most = new("--most")
    {
        Description = "The most labels a class that are tried: of 10, 50 and 200 those up to this.",
        HelpName = "N",
        DefaultValueFactory = _ => 200,
    };

    private readonly Option<int> _test = new("--test")
    {
        Description = "Texts of each class to test with.",
        HelpName = "N",
        DefaultValueFactory = _ => 250,
    };

    private readonly Option<int> _seeds = new("--seeds")
    {
        Description = "How many seeds are tried, from --seed on; each draws other texts.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public TicketsCommand()
    {
        OptionRules.Between(_most, Budgets[0], Budgets[^1]);
        OptionRules.Between(_test, 10, 100_000);
        OptionRules.Between(_seeds, 1, 100);
    }

    /// <inheritdoc/>
    public override string Name => "tickets";

    /// <inheritdoc/>
    public override string Description =>
        "BERT: classifies short texts from 10, 50 and 200 labels a class with a published encoder that is fine-tuned, beside fastText and FeaturizeText with " +
        "Sdca; draws the curve. By default the texts are the documentation of .NET on this machine. About 10 minutes a seed.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_data, _kinds, _most, _test, _seeds];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        IReadOnlyList<Ticket> tickets = arguments.GetValue(_data) is { } path ? TicketData.Lines(path)
            : arguments.GetValue(_kinds) ? TicketData.KindsOfMembers()
            : TicketData.Topics();
        int[] budgets = [.. Budgets.Where(labels => labels <= arguments.GetValue(_most))];
        int[] seeds = [.. Enumerable.Range(run.Seed, arguments.GetValue(_seeds))];
        var found = Models.ToDictionary(model => model.Figure, _ => budgets.ToDictionary(labels => labels, _ => new List<double>()));
        var seconds = new List<double>();
        var speeds = new List<double>();
        using BertTransformer bert = Published(run.NewContext());
        foreach (int seed in seeds)
        {
            TicketData data = TicketData.Draw(tickets, budgets[^1], arguments.GetValue(_test), seed);
            Console.WriteLine(
                Invariant($"Seed {seed}: {data.Training.Count} classes ({string.Join(", ", data.Training.Keys)}), {data.Test.Count} texts to test."));
            foreach (int labels in budgets)
            {
                MLContext ml = run.NewContext();
                IDataView training = ml.Data.LoadFromEnumerable(data.First(labels)), test = ml.Data.LoadFromEnumerable(data.Test);
                Note("sdca", labels, ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.Text.FeaturizeText("Features", "Text"))
                    .Append(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy()));
                Note("fastText", labels, ml.MulticlassClassification.Trainers.FastText("Label", "Text", new() { Seed = seed, Threads = 1 }));
                Note("bert", labels, Classifier(ml, bert, labels, seed));

                void Note(string figure, int count, IEstimator<ITransformer> estimator)
                {
                    run.Cancellation.ThrowIfCancellationRequested();
                    var clock = Stopwatch.StartNew();
                    ITransformer model = estimator.Fit(training);
                    TimeSpan learned = clock.Elapsed;
                    clock.Restart();
                    double right = 100 * ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy;
                    found[figure][count].Add(right);
                    Console.WriteLine(Invariant($"  {count} labels a class, {figure}: {right:F1} % right, {learned.TotalSeconds:F1} s."));
                    if (figure == "bert")
                    {
                        seconds.Add(learned.TotalSeconds);
                        speeds.Add(data.Test.Count / clock.Elapsed.TotalSeconds);
                    }

                    (model as IDisposable)?.Dispose();
                }
            }
        }

        Show(run, budgets, seeds, found);
        run.Record("trainSeconds", seconds.Sum() / seeds.Length);
        run.Record("rowsPerSecond", speeds.Average());
    }

    /// <summary>The published encoder.</summary>
    internal static BertTransformer Published(MLContext ml)
    {
        IDataView nothing = ml.Data.LoadFromEnumerable(Array.Empty<Ticket>());
        return ml.Transforms.Text.ApplyBert("Features", "Text", PackagedEncoder.MiniLM.ModelPath, PackagedEncoder.MiniLM.VocabularyPath).Fit(nothing);
    }

    // Fewer labels are gone through more often. The settings are the first that were tried, on other texts (tickets.md).
    private static BertClassifierTrainer Classifier(MLContext ml, BertTransformer bert, int labels, int seed) =>
        ml.MulticlassClassification.Trainers.BertClassifier("Label", "Text", bert, options: new()
        {
            Epochs = labels < 50 ? 20 : labels < 200 ? 8 : 4,
            BatchSize = 16,
            LearningRate = 1e-4,
            MaxLength = 64,
            Seed = seed,
        });

    private static void Show(SampleRun run, int[] budgets, int[] seeds, Dictionary<string, Dictionary<int, List<double>>> found)
    {
        Table table = new Table().Title("Right, %, by labels a class").AddColumn("Model")
            .AddColumns([.. budgets.Select(labels => new TableColumn(Invariant($"{labels}")).RightAligned())]);
        var lines = new List<ChartLine>();
        foreach ((string name, string figure, SKColor colour) in Models)
        {
            Dictionary<int, List<double>> own = found[figure];
            foreach (int labels in budgets)
            {
                run.Record(Invariant($"{figure}{labels}"), own[labels].Average());
                for (int i = 0; i < seeds.Length && seeds.Length > 1; i++)
                    run.Record(Invariant($"{figure}{labels}Seed{seeds[i]}"), own[labels][i]);
            }

            table.AddRow([name, .. budgets.Select(labels => Range(own[labels]))]);
            lines.Add(new ChartLine(name, [.. budgets.Select(labels => (double)labels)], [.. budgets.Select(labels => own[labels].Average())], colour));
        }

        AnsiConsole.Write(table);
        string path = run.OutputPath("labels.png");
        LineChart.Save(path, "What labels are worth", "labels a class", "texts classified right, %", lines);
        Console.WriteLine($"Written: {path}");

        static string Range(List<double> values) =>
            values.Count == 1 ? Invariant($"{values[0]:F1}") : Invariant($"{values.Average():F1} ({values.Min():F1} to {values.Max():F1})");
    }
}
