using Microsoft.ML;
using MLNet.Papers.Samples.Anomalies;
using SkiaSharp;

namespace MLNet.Papers.Samples.VectorQuantizedAutoencoder;

/// <summary>The vector-quantized autoencoder as a detector of strange rows.</summary>
internal sealed class VectorQuantizedDetector : AnomalyDetector
{
    private const int Steps = 1_500;

    public override string Name => "vq";

    public override string Title => "Vector-quantized autoencoder";

    public override SKColor Colour => new(0x1f, 0x77, 0xb4);

    public override float[] Score(MLContext ml, AnomalySet set)
    {
        // Codes of whole images: those of their parts say any image.
        var options = new VectorQuantizedAutoencoderAnomalyOptions { Likelihood = set.Likelihood, Seed = 1 };
        options.Epochs = EpochsFor(Steps, options.BatchSize, set);
        return ScoresOf(ml.AnomalyDetection.Trainers.VectorQuantizedAutoencoder("Features", options).Fit(set.TrainingView(ml)), ml, set);
    }
}
