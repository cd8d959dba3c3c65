using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Samples.Codes;
using Spectre.Console;

namespace MLNet.Papers.Samples.BidirectionalGan;

/// <summary>The bidirectional GAN on a ring of eight normal distributions: whether encoder and generator invert each other, for each objective.</summary>
internal sealed class BidirectionalGanPart : CodesPart
{
    private const int Rows = 12_800, Epochs = 40, Seeds = 3;

    /// <inheritdoc/>
    public override string Name => "bigan";

    /// <inheritdoc/>
    public override void Run(CodesData data, int epochs, SampleRun run)
    {
        Table table = new Table().Title("A ring of 8 normal distributions: |x - G(E(x))| / |x - G(E(x'))|").AddColumn("Objective")
            .AddColumns(Right("Seed"), Right("Ratio"), Right("E untrained"), Right("Seconds"));
        foreach (BidirectionalGanObjective objective in Enum.GetValues<BidirectionalGanObjective>())
        {
            List<double> ratios = [], untrained = [];
            for (int seed = run.Seed; seed < run.Seed + Seeds; seed++)
            {
                MLContext ml = run.NewContext();
                IDataView training = Ring(ml, Rows, seed), test = Ring(ml, 2_000, seed + 1_000);
                var clock = Stopwatch.StartNew();
                using BidirectionalGanTransformer gan = Learn(ml, training, objective, seed, Epochs, 1e-3);
                double seconds = clock.Elapsed.TotalSeconds;
                using BidirectionalGanTransformer fresh = Learn(ml, training, objective, seed, 1, 1e-9);
                ratios.Add(Ratio(gan, gan, test));
                untrained.Add(Ratio(fresh, gan, test));
                table.AddRow(objective.ToString(), Text($"{seed}"), Text($"{ratios[^1]:F3}"), Text($"{untrained[^1]:F3}"), Text($"{seconds:F0}"));
            }

            string name = objective switch
            {
                BidirectionalGanObjective.BiGan => "bigan",
                BidirectionalGanObjective.LatentRegressor => "latentRegressor",
                _ => "jointLatentRegressor",
            };
            run.Record(name + "Ratios", ratios);
            run.Record(name + "UntrainedRatios", untrained);
        }

        AnsiConsole.Write(table);
    }

    private static BidirectionalGanTransformer Learn(
        MLContext ml, IDataView training, BidirectionalGanObjective objective, int seed, int epochs, double learningRate) =>
        ml.Transforms.FeaturizeWithBidirectionalGan("Codes", "Point", new()
        {
            Objective = objective,
            CodeSize = 2,
            HiddenUnits = [64, 64],
            Epochs = epochs,
            LearningRate = learningRate,
            LearningRateDecay = LearningRateDecay.None,
            Seed = seed,
        }).Fit(training);

    // The codes of one, decoded by the other: an encoder that has learned nothing is a baseline.
    private static double Ratio(BidirectionalGanTransformer encoder, BidirectionalGanTransformer generator, IDataView points)
    {
        using AutoencoderDecoderTransformer decoder = generator.Decoder("Back", "Codes");
        float[][] given = [.. points.GetColumn<float[]>("Point")], back = [.. decoder.Transform(encoder.Transform(points)).GetColumn<float[]>("Back")];
        return Distance(0) / Distance(1);

        double Distance(int shift) => given.Select((row, i) => (double)TensorPrimitives.Distance<float>(row, back[(i + shift) % back.Length])).Average();
    }

    private static IDataView Ring(MLContext ml, int count, int seed)
    {
        var random = new Random(seed);
        return ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ =>
        {
            double angle = random.Next(8) * Math.PI / 4;
            return new Row { Point = [(float)((2 * Math.Cos(angle)) + Noise()), (float)((2 * Math.Sin(angle)) + Noise())] };
        }).ToArray());

        // Box and Muller 1958.
        double Noise() => 0.1 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    private static TableColumn Right(string name) => new TableColumn(name).RightAligned();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Point { get; set; } = [];
    }
}
