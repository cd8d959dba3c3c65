using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace MLNet.Papers.Samples.CoordConv;

/// <summary>The paper's experiment: a convolution that knows its coordinates, and one that does not, learn to paint where they are told to.</summary>
internal sealed class NotSoClevrCommand : SampleCommand
{
    private readonly Option<int> _canvas = new("--canvas")
    {
        Description = "Pixels of a side: a multiple of 16 from 16 to 128. The paper has 64. The deconvolution paints 16, 32, 64 and 128 only.",
        HelpName = "S",
        DefaultValueFactory = _ => 32,
    };

    private readonly Option<int> _epochs = new("--epochs") { Description = "Epochs of CoordConv.", HelpName = "N", DefaultValueFactory = _ => 10 };

    private readonly Option<int> _baselineEpochs =
        new("--baseline-epochs") { Description = "Epochs of the deconvolution.", HelpName = "N", DefaultValueFactory = _ => 40 };

    // Large steps decide what is painted where no place was trained on; see the table in this folder's README.
    private readonly Option<double> _learningRate = new("--learning-rate")
    {
        Description = "CoordConv's first step size where it paints a pixel.",
        HelpName = "RATE",
        DefaultValueFactory = _ => 4e-2,
    };

    private readonly Option<string[]> _parts = new("--parts")
    {
        Description = "What to do: uniform, quadrant, render, normalization. Without it, all.",
        HelpName = "PART",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => ["uniform", "quadrant", "render", "normalization"],
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public NotSoClevrCommand()
    {
        OptionRules.MultipleBetween(_canvas, 16, 16, 128);
        _parts.AcceptOnlyFromAmong("uniform", "quadrant", "render", "normalization");
        _learningRate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 1))
                result.AddError($"{_learningRate.Name} must be greater than 0 and at most 1.");
        });
        foreach (Option<int> option in (Option<int>[])[_epochs, _baselineEpochs])
        {
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() < 1)
                    result.AddError($"{option.Name} must be at least 1.");
            });
        }
    }

    /// <inheritdoc/>
    public override string Name => "not-so-clevr";

    /// <inheritdoc/>
    public override string Description =>
        "CoordConv: a convolution that knows its coordinates against a deconvolution, on the paper's task of painting a pixel or a square where it is told " +
        "to, and group " +
        "against batch normalization at small batches. Needs no data and about 5 minutes on 2 cores; --canvas 64 is the paper's size.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_canvas, _epochs, _baselineEpochs, _learningRate, _parts];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        var data = new NotSoClevr(arguments.GetValue(_canvas));
        int epochs = arguments.GetValue(_epochs), baselineEpochs = arguments.GetValue(_baselineEpochs);
        double learningRate = arguments.GetValue(_learningRate);
        string[] parts = arguments.GetValue(_parts)!;
        var classified = new List<(Split Split, PainterRun CoordConv, PainterRun? Deconvolution)>();
        foreach (Split split in (Split[])[data.Uniform(run.Seed), data.Quadrant()])
        {
            if (parts.Contains(split.Name))
                classified.Add(Classify(run, data, split, learningRate, epochs, baselineEpochs));
        }

        if (classified.Count > 0)
        {
            NotSoClevrReport.Classification(classified);
            string path = run.OutputPath("where-models-think-points-are.png");
            NotSoClevrPictures.Save(path, data, classified);
            Console.WriteLine($"Written: {path}.");
        }

        if (parts.Contains("render"))
            Render(run, data, epochs, baselineEpochs);
        if (parts.Contains("normalization"))
            SmallBatches.Compare(run);
    }

    private static (Split Split, PainterRun CoordConv, PainterRun? Deconvolution) Classify(
        SampleRun run, NotSoClevr data, Split split, double learningRate, int epochs, int baselineEpochs)
    {
        (PainterRun coordConv, PainterRun? deconvolution) = Train(run, data, split, PaintedOutput.PixelSoftmax, learningRate, epochs, baselineEpochs);
        run.Record($"{split.Name}CoordConvTrainPercent", coordConv.Training.Percent);
        run.Record($"{split.Name}CoordConvTestPercent", coordConv.Test.Percent);
        run.Record($"{split.Name}CoordConvDistance", coordConv.Test.Distance);
        run.Record($"{split.Name}CoordConvSeconds", coordConv.Seconds);
        if (deconvolution is not null)
        {
            run.Record($"{split.Name}DeconvTrainPercent", deconvolution.Training.Percent);
            run.Record($"{split.Name}DeconvTestPercent", deconvolution.Test.Percent);
            run.Record($"{split.Name}DeconvDistance", deconvolution.Test.Distance);
            run.Record($"{split.Name}DeconvSeconds", deconvolution.Seconds);
        }

        return (split, coordConv, deconvolution);
    }

    private static void Render(SampleRun run, NotSoClevr data, int epochs, int baselineEpochs)
    {
        // A square needs more steps than a pixel: it is exact only when its edges are.
        (PainterRun coordConv, PainterRun? deconvolution) = Train(run, data, data.Uniform(run.Seed), PaintedOutput.Render, 5e-3, 4 * epochs, baselineEpochs);
        run.Record("renderCoordConvIou", coordConv.Test.Iou);
        if (deconvolution is not null)
            run.Record("renderDeconvIou", deconvolution.Test.Iou);
        NotSoClevrReport.Rendering(coordConv, deconvolution);
    }

    private static (PainterRun CoordConv, PainterRun? Deconvolution) Train(
        SampleRun run, NotSoClevr data, Split split, PaintedOutput output, double learningRate, int epochs, int baselineEpochs)
    {
        string task = output == PaintedOutput.PixelSoftmax ? $"{split.Name} split" : "squares";
        CoordinatePainterOptions CoordConv() => new() { Output = output, Epochs = epochs, LearningRate = learningRate, Seed = run.Seed };
        if (!data.HasBaseline)
        {
            Console.WriteLine(Text($"CoordConv alone, {task}: the deconvolution doubles its sides and cannot paint a canvas of {data.Side}."));
            var clock = Stopwatch.StartNew();
            return (
                TrainingProgressBar.Show(
                    "steps", isTimed: false, _ => { }, progress => PainterRun.Train(run, data, split, CoordConv(), progress, () => clock.Elapsed)),
                null);
        }

        return TwoProgressBars.Show(($"CoordConv, {task}", $"Deconvolution, {task}"), (model, progress, worked) =>
        {
            CoordinatePainterOptions options = model == 0
                ? CoordConv()
                : new() { Output = output, Coordinates = false, Epochs = baselineEpochs, LearningRate = 1e-2, Seed = run.Seed };
            return PainterRun.Train(run, data, split, options, progress, worked);
        });
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The tables of the command.</summary>
internal static class NotSoClevrReport
{
    /// <summary>How often the right pixel is painted, and how far from it.</summary>
    public static void Classification(IReadOnlyList<(Split Split, PainterRun CoordConv, PainterRun? Deconvolution)> runs)
    {
        Table table = new Table().Title("Painting the pixel that two coordinates name")
            .AddColumns("Split", "Model")
            .AddColumns(Right("Train, %"), Right("Test, %"), Right("Test distance, pixels"), Right("Parameters"), Right("Seconds"));
        foreach ((Split split, PainterRun coordConv, PainterRun? deconvolution) in runs)
        {
            string places = Text($"{split.Name} ({split.Training.Count} / {split.Test.Count})");
            foreach ((string name, PainterRun run) in Both(coordConv, deconvolution))
            {
                table.AddRow(
                    places, name, Text($"{run.Training.Percent:F1}"), Text($"{run.Test.Percent:F1}"), Text($"{run.Test.Distance:F2}"),
                    Text($"{run.Parameters:N0}"), Text($"{run.Seconds:F0}"));
            }
        }

        AnsiConsole.Write(table);
    }

    /// <summary>How well a square is painted.</summary>
    public static void Rendering(PainterRun coordConv, PainterRun? deconvolution)
    {
        Table table = new Table().Title("Painting a square around two coordinates, uniform split")
            .AddColumns("Model").AddColumns(Right("Train IOU"), Right("Test IOU"), Right("Parameters"), Right("Seconds"));
        foreach ((string name, PainterRun run) in Both(coordConv, deconvolution))
            table.AddRow(name, Text($"{run.Training.Iou:F3}"), Text($"{run.Test.Iou:F3}"), Text($"{run.Parameters:N0}"), Text($"{run.Seconds:F0}"));
        AnsiConsole.Write(table);
    }

    private static IEnumerable<(string Name, PainterRun Run)> Both(PainterRun coordConv, PainterRun? deconvolution) =>
        deconvolution is null ? [("CoordConv", coordConv)] : [("CoordConv", coordConv), ("deconvolution", deconvolution)];

    private static TableColumn Right(string name) => new TableColumn(name).RightAligned();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
