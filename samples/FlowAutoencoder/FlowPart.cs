using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.Codes;
using Spectre.Console;

namespace MLNet.Papers.Samples.FlowAutoencoder;

/// <summary>The autoencoder with flows: the bound of images that were not learned from, with a flow and without.</summary>
internal sealed class FlowPart : CodesPart
{
    private const int Steps = 8;

    /// <inheritdoc/>
    public override string Name => "flow";

    /// <inheritdoc/>
    public override void Run(CodesData data, int epochs, SampleRun run)
    {
        MLContext ml = run.NewContext();
        IDataView training = Binary(ml, data.Training), test = Binary(ml, data.Test);
        Table table = new Table().Title("Black and white images as 8 numbers").AddColumn("Steps of the flow")
            .AddColumns(Right("Test bound, nats"), Right("KL, nats"), Right("Active units"), Right("Seconds"));
        using FlowAutoencoderTransformer flow = Learn(Steps, "flowBoundK8");
        using FlowAutoencoderTransformer plain = Learn(0, "flowBoundK0");
        string path = run.OutputPath("flow.png"), modelPath = run.OutputPath("flow.zip");
        ml.Model.Save(flow, training.Schema, modelPath);
        CodesPictures.Save(path, flow, ml, data.Test, run.Seed);
        Console.WriteLine($"Written: {path}, {modelPath}.");
        AnsiConsole.Write(table);

        FlowAutoencoderTransformer Learn(int length, string figure)
        {
            var clock = Stopwatch.StartNew();
            FlowAutoencoderTransformer codec = TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress =>
                ml.Transforms.FeaturizeWithFlowAutoencoder("Codes", "Pixels", new()
                {
                    FlowLength = length,
                    Likelihood = Likelihood.Bernoulli,
                    Epochs = epochs,
                    EvaluationSamples = 50,
                    WithBound = true,
                    WithReconstruction = true,
                    Seed = run.Seed,
                    Progress = progress,
                }).Fit(training));
            double seconds = clock.Elapsed.TotalSeconds, bound = codec.Transform(test).GetColumn<float>("Codes.Bound").Average();
            Console.WriteLine(Text($"{length} steps: test bound {bound:F2} nats; {codec.Health}."));
            table.AddRow(Text($"{length}"), Text($"{bound:F2}"), Text($"{codec.Health.Kl:F2}"), Text($"{codec.Health.ActiveUnits}"), Text($"{seconds:F0}"));
            run.Record(figure, bound);
            return codec;
        }
    }

    // What is at least half ink is 1, all else 0.
    private static IDataView Binary(MLContext ml, IEnumerable<CharacterImage> images) => LabelledImage.View(
        ml, images.Select(image => image with { Pixels = Array.ConvertAll(image.Pixels, value => value >= 0.5f ? 1f : 0f) }));

    private static TableColumn Right(string name) => new TableColumn(name).RightAligned();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
