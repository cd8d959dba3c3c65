using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Characters;
using Spectre.Console;

namespace MLNet.Papers.Samples.CoordConv;

/// <summary>
/// Group against batch normalization with the statistics of 32 images and of 2: the comparison of figure 1 of Wu and He 2018, arXiv:1803.08494, on drawn
/// characters.
/// </summary>
/// <remarks>
/// All runs take their steps for 32 images at once; only how many go through the network together differs, as on several devices. The last convolutions see a
/// single pixel, so that batch normalization has as many samples as there are images.
/// </remarks>
internal static class SmallBatches
{
    private const int Writers = 30;
    private const int TestWriters = 10;
    private const int MostClasses = 20;
    private const int Epochs = 12;

    /// <summary>Trains four networks and shows their errors on writers that they never saw.</summary>
    public static void Compare(SampleRun run)
    {
        CharacterImage[] images = [.. DrawnAlphabets.Draw(1, Writers + TestWriters, run.Seed)];
        HashSet<string> classes = [.. images.Select(image => image.Character).Distinct().Take(MostClasses)];
        CharacterImage[] training = [.. images.Where(image => classes.Contains(image.Character) && image.Writer <= Writers)];
        CharacterImage[] test = [.. images.Where(image => classes.Contains(image.Character) && image.Writer > Writers)];
        Table table = new Table().Title("Errors of a classifier on characters of new writers, in %")
            .AddColumns("Normalization").AddColumns(new TableColumn("32 images at once").RightAligned(), new TableColumn("2 images at once").RightAligned());
        foreach (Normalization normalization in (Normalization[])[Normalization.Batch, Normalization.Group])
        {
            double large = Error(run, training, test, normalization, 32), small = Error(run, training, test, normalization, 2);
            string name = normalization.ToString().ToLowerInvariant();
            run.Record($"{name}Normalization32ErrorPercent", large);
            run.Record($"{name}Normalization2ErrorPercent", small);
            table.AddRow(name, Text(large), Text(small));
        }

        AnsiConsole.Write(table);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture, $"{classes.Count} characters, {training.Length} images to train on and {test.Length} of other writers to test."));
    }

    private static double Error(SampleRun run, CharacterImage[] training, CharacterImage[] test, Normalization normalization, int microBatch)
    {
        MLContext ml = run.NewContext();
        using CoordConvNetTransformer model = TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress =>
            ml.MulticlassClassification.Trainers.CoordConvNet("Label", "Pixels", new()
            {
                ImageShape = new(1, CharacterImage.Side, CharacterImage.Side),
                CoordinateLayers = CoordinateLayers.None,
                HiddenChannels = [16, 32, 32, 64, 64, 64],  // 28, 14, 7, 4, 2 and 1 pixels a side
                Normalization = normalization,
                Epochs = Epochs,
                BatchSize = 32,
                MicroBatchSize = microBatch == 32 ? null : microBatch,
                LearningRate = 2e-3,
                Seed = run.Seed,
                Progress = progress,
            }).Fit(LabelledImage.View(ml, training)));
        IDataView scored = model.Transform(LabelledImage.View(ml, test));
        IDataView named = ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored).Transform(scored);
        string[] predicted = [.. named.GetColumn<string>("PredictedLabel")];
        return 100.0 * test.Zip(predicted).Count(pair => pair.First.Character != pair.Second) / test.Length;
    }

    private static string Text(double percent) => percent.ToString("F1", CultureInfo.InvariantCulture);
}
