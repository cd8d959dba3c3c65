using Microsoft.ML;
using MLNet.Papers.Benchmarks.Onnx;

namespace MLNet.Papers.Benchmarks.VectorQuantizedAutoencoder;

internal sealed class OnnxCodes : OnnxScoring
{
    private const int Side = 28;

    protected override string Network => "vector-quantized autoencoder, digits to 7 × 7 codes of 64";

    protected override OnnxJob Create(MLContext ml)
    {
        var random = new Random(1);
        float[][] images = [.. Enumerable.Range(0, 500).Select(_ => Enumerable.Range(0, Side * Side).Select(_ => random.NextSingle()).ToArray())];
        OnnxJob fitting = OnnxJob.OfVectors(ml, null!, "Pixels", "Codes.Quantized", images, [1, Side, Side]);
        VectorQuantizedAutoencoderOptions options = new()
        {
            ImageShape = new(1, Side, Side),
            WithQuantized = true,
            PriorEpochs = 0,
            Epochs = 1,
            TimeLimit = TimeSpan.FromMilliseconds(1),
        };
        return fitting with { Model = ml.Transforms.FeaturizeWithVectorQuantizedAutoencoder("Codes", "Pixels", options).Fit(fitting.Rows) };
    }
}
