using Microsoft.ML;
using MLNet.Papers.Samples.Anomalies;
using SkiaSharp;

namespace MLNet.Papers.Samples.BidirectionalGan;

/// <summary>The bidirectional GAN as a detector of strange rows.</summary>
internal sealed class BidirectionalGanDetector : AnomalyDetector
{
    private const int Steps = 4_000;

    public override string Name => "bigan";

    public override string Title => "Bidirectional GAN";

    public override SKColor Colour => new(0xff, 0x7f, 0x0e);

    public override float[] Score(MLContext ml, AnomalySet set)
    {
        var options = new BidirectionalGanAnomalyOptions { Likelihood = set.Likelihood, Seed = 1 };
        options.Epochs = EpochsFor(Steps, options.BatchSize, set);
        return ScoresOf(ml.AnomalyDetection.Trainers.BidirectionalGan("Features", options).Fit(set.TrainingView(ml)), ml, set);
    }
}
