using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Characters;
using MLNet.Papers.Samples.Codes;
using Spectre.Console;

namespace MLNet.Papers.Samples.VectorQuantizedAutoencoder;

/// <summary>The vector-quantized autoencoder: what learning the codebook gains over a frozen one, and what restarting unused codes does.</summary>
internal sealed class VectorQuantizedPart : CodesPart
{
    /// <inheritdoc/>
    public override string Name => "vq";

    /// <inheritdoc/>
    public override void Run(CodesData data, int epochs, SampleRun run)
    {
        MLContext ml = run.NewContext();
        IDataView training = LabelledImage.View(ml, data.Training), test = LabelledImage.View(ml, data.Test);
        Table table = new Table().Title("Digits or characters as 7 × 7 codes of 64").AddColumn("Codebook")
            .AddColumns(Right("Test error"), Right("Perplexity"), Right("Codes used"), Right("Seconds"));
        Learned vq = Learn("learned", CodebookLearning.MovingAverage, restarts: true, priorEpochs: epochs);
        string path = run.OutputPath("vq.png"), modelPath = run.OutputPath("vq.zip");
        ml.Model.Save(vq.Codec, training.Schema, modelPath);
        CodesPictures.Save(path, vq.Codec, ml, data.Test, run.Seed);
        Console.WriteLine($"Written: {path}, {modelPath}.");
        Learned frozen = Learn("frozen", CodebookLearning.Frozen, restarts: false, priorEpochs: 0);
        Learned loss = Learn("learned by its loss", CodebookLearning.Loss, restarts: true, priorEpochs: 0);
        Learned still = Learn("learned, unused codes stay", CodebookLearning.MovingAverage, restarts: false, priorEpochs: 0);
        AnsiConsole.Write(table);
        run.Record("vqMse", vq.Error);
        run.Record("lossMse", loss.Error);
        run.Record("unrestartedMse", still.Error);
        run.Record("frozenMse", frozen.Error);
        run.Record("perplexity", vq.Codec.Health.Perplexity);
        run.Record("unrestartedPerplexity", still.Codec.Health.Perplexity);
        run.Record("codesUsed", vq.Codec.Health.CodesUsed);
        run.Record("vqSeconds", vq.Seconds);
        foreach (Learned learned in (Learned[])[vq, loss, still, frozen])
            learned.Codec.Dispose();

        Learned Learn(string name, CodebookLearning learning, bool restarts, int priorEpochs)
        {
            var clock = Stopwatch.StartNew();
            VectorQuantizedAutoencoderTransformer codec = TrainingProgressBar.Show("steps", isTimed: false, _ => { }, progress =>
                ml.Transforms.FeaturizeWithVectorQuantizedAutoencoder("Codes", "Pixels", new()
                {
                    ImageShape = new(1, CharacterImage.Side, CharacterImage.Side),
                    Codebook = learning,
                    RestartUnusedCodes = restarts,
                    Epochs = epochs,
                    LearningRateDecay = LearningRateDecay.None,
                    PriorEpochs = priorEpochs,
                    WithReconstruction = true,
                    Seed = run.Seed,
                    Progress = progress,
                }).Fit(training));
            double seconds = clock.Elapsed.TotalSeconds, error = MeanSquaredError(codec.Transform(test));
            Console.WriteLine(Text($"{name}: test error {error:F4}, {codec.Health}."));
            table.AddRow(
                name, Text($"{error:F4}"), Text($"{codec.Health.Perplexity:F1}"), Text($"{codec.Health.CodesUsed} of {codec.Health.Codes}"),
                Text($"{seconds:F0}"));
            return new(codec, error, seconds);
        }
    }

    private static double MeanSquaredError(IDataView coded) => coded.GetColumn<float[]>("Pixels").Zip(coded.GetColumn<float[]>("Codes.Reconstruction"))
        .Average(pair => Math.Pow(TensorPrimitives.Distance<float>(pair.First, pair.Second), 2) / pair.First.Length);

    private static TableColumn Right(string name) => new TableColumn(name).RightAligned();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Learned(VectorQuantizedAutoencoderTransformer Codec, double Error, double Seconds);
}
