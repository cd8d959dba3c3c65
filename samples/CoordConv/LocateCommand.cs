using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Spectre.Console;

namespace MLNet.Papers.Samples.CoordConv;

/// <summary>
/// Where is it? A featurizer with coordinates and one without are trained on pictures, and a linear model on their features says where the object is.
/// </summary>
internal sealed class LocateCommand : SampleCommand
{
    private readonly Option<string?> _data = new("--data")
    {
        Description = "Folder of pictures (.png, .jpg, .bmp), at any depth, each with one object on a plain background. " +
            "A file positions.csv in it, with the columns Path,X,Y, says " +
            "where (in pixels); without it, it is the middle of what differs from the edge of the picture. Without --data, pictures are drawn.",
        HelpName = "FOLDER",
    };

    private readonly Option<int> _epochs = new("--epochs") { Description = "Epochs of each featurizer.", HelpName = "N", DefaultValueFactory = _ => 15 };

    /// <summary>Adds what the values of options must fulfil.</summary>
    public LocateCommand() => _epochs.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < 1)
            result.AddError("--epochs must be at least 1.");
    });

    /// <inheritdoc/>
    public override string Name => "locate";

    /// <inheritdoc/>
    public override string Description =>
        "CoordConv: trains image features on pictures and shows that a linear model on them finds an object's position. " +
        "Needs no data (it draws pictures of its own) and about " +
        "2 minutes on 2 cores.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => [_data, _epochs];

    /// <inheritdoc/>
    public override void Run(ParseResult arguments, SampleRun run)
    {
        string? given = arguments.GetValue(_data);
        string folder = given ?? run.OutputPath("pictures");
        IReadOnlyList<LocatedPicture> pictures = given is null ? DrawnScenes.Draw(folder, run.Seed) : LocatedPictures.Read(folder);
        LocatedPicture[] shuffled = [.. pictures];
        new Random(run.Seed).Shuffle(shuffled);
        int held = shuffled.Length / 5;
        LocatedPicture[] training = shuffled[held..], test = shuffled[..held];
        Console.WriteLine(
            Text($"{(given is null ? "Drawn" : "Read")}: {pictures.Count} pictures in '{folder}', {training.Length} to train on and {test.Length} to test."));

        Table table = new Table().Title("Position of the object, by a linear model on the features")
            .AddColumns("Features").AddColumns(Right("R², x"), Right("R², y"), Right("Mean distance, pixels"), Right("Seconds"));
        var shown = new List<Located>();
        foreach (Normalization normalization in (Normalization[])[Normalization.Group, Normalization.Batch])
        {
            foreach (bool coordinates in (bool[])[true, false])
            {
                Located located = Locate(run, folder, training, test, normalization, coordinates, arguments.GetValue(_epochs));
                string name = coordinates ? "coordConv" : "plain";
                run.Record(Text($"{name}{normalization}RSquaredX"), located.X.RSquared);
                run.Record(Text($"{name}{normalization}RSquaredY"), located.Y.RSquared);
                run.Record(Text($"{name}{normalization}Distance"), located.Distance);
                table.AddRow(
                    $"{(coordinates ? "with coordinates" : "plain convolution")}, {normalization.ToString().ToLowerInvariant()} normalization",
                    Text($"{located.X.RSquared:F3}"), Text($"{located.Y.RSquared:F3}"), Text($"{located.Distance:F2}"), Text($"{located.Seconds:F0}"));
                shown.Add(located);
            }
        }

        AnsiConsole.Write(table);
        string picture = run.OutputPath("located.png");
        LocatedPictures.Save(picture, folder, test, coordConv: shown[0].Places, plain: shown[1].Places);
        Console.WriteLine($"Written: {picture}.");
    }

    private static Located Locate(
        SampleRun run, string folder, LocatedPicture[] training, LocatedPicture[] test, Normalization normalization, bool coordinates, int epochs)
    {
        MLContext ml = run.NewContext();
        IDataView known = ml.Data.LoadFromEnumerable(training), unknown = ml.Data.LoadFromEnumerable(test);
        var clock = Stopwatch.StartNew();
        var features = TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress => ml.Transforms.LoadImages("Image", folder, "Path")
            .Append(ml.Transforms.FeaturizeImageWithCoordConv("Features", "Image", new()
            {
                ImageShape = new(3, 64, 64),
                LabelColumnName = "Position",
                Normalization = normalization,
                Coordinates = coordinates,
                Epochs = epochs,
                Seed = run.Seed,
                Progress = progress,
            }))
            .Fit(known));
        double seconds = clock.Elapsed.TotalSeconds;
        IDataView knownFeatures = ml.Data.Cache(features.Transform(known), "Features", "X", "Y"), unknownFeatures = features.Transform(unknown);
        (RegressionMetrics x, float[] xs) = Fit("X");
        (RegressionMetrics y, float[] ys) = Fit("Y");
        (features.LastTransformer as IDisposable)?.Dispose();
        (float X, float Y)[] places = [.. xs.Zip(ys)];
        return new Located(x, y, places, test.Zip(places).Average(pair => pair.First.DistanceTo(pair.Second)), seconds);

        (RegressionMetrics Metrics, float[] Values) Fit(string axis)
        {
            IDataView scored = ml.Regression.Trainers.Sdca(axis, "Features").Fit(knownFeatures).Transform(unknownFeatures);
            return (ml.Regression.Evaluate(scored, axis), [.. scored.GetColumn<float>("Score")]);
        }
    }

    private static TableColumn Right(string name) => new TableColumn(name).RightAligned();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Located(RegressionMetrics X, RegressionMetrics Y, (float X, float Y)[] Places, double Distance, double Seconds);
}
