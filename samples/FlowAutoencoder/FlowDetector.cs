using Microsoft.ML;
using MLNet.Papers.Samples.Anomalies;
using SkiaSharp;

namespace MLNet.Papers.Samples.FlowAutoencoder;

/// <summary>The autoencoder with flows as a detector of strange rows.</summary>
internal sealed class FlowDetector : AnomalyDetector
{
    private const int Steps = 1_500;

    public override string Name => "flow";

    public override string Title => "Autoencoder with flows";

    public override SKColor Colour => new(0x2c, 0xa0, 0x2c);

    public override float[] Score(MLContext ml, AnomalySet set)
    {
        var options = new FlowAutoencoderAnomalyOptions { Likelihood = set.Likelihood, Seed = 1 };
        options.Epochs = EpochsFor(Steps, options.BatchSize, set);
        return ScoresOf(ml.AnomalyDetection.Trainers.FlowAutoencoder("Features", options).Fit(set.TrainingView(ml)), ml, set);
    }
}
