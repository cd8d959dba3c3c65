using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.CoordConv;

namespace MLNet.Papers.Tests.VectorQuantizedAutoencoder;

/// <summary>The vector-quantized autoencoder in the contract: on plain vectors, on images and on pictures.</summary>
internal sealed class VectorQuantizedAutoencoderCase(string variant) : IEstimatorCase<VectorQuantizedAutoencoderEstimator>
{
    private static readonly ImageShape Shape = new(3, 8, 8);

    public VectorQuantizedAutoencoderCase()
        : this("vectors")
    {
    }

    public string Variant => variant;

    public IEnumerable<IEstimatorCase> Variants =>
        [.. new[] { "vectors", "images", "pictures" }.Select(name => new VectorQuantizedAutoencoderCase(name))];

    public TechniqueOptions SmallestOptions() => Options(epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        VectorQuantizedAutoencoderOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.PriorEpochs = 0;
        options.Progress = new Started(started);
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.FeaturizeWithVectorQuantizedAutoencoder("Codes", "Image", (VectorQuantizedAutoencoderOptions?)options);

    public IDataView Data(MLContext ml) => Examples();

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => variant == "vectors"
        ? [.. Pictures.Rejected(Examples(), "Image", Shape.Size),
            new("Image", "longer than what was fitted", WorkoutData.Widen(new([Pictures.Vectors("Image", Shape with { Channels = 4 })])), RejectedBy.Model)]
        : Pictures.Rejected(Examples(), "Image", Shape.Size);

    private VectorQuantizedAutoencoderOptions Options(int epochs) => new()
    {
        ImageShape = variant == "vectors" ? null : Shape,
        Likelihood = variant == "images" ? Likelihood.Bernoulli : Likelihood.Gaussian,
        Codebook = variant == "images" ? CodebookLearning.Loss : CodebookLearning.MovingAverage,
        WithQuantized = variant == "vectors",
        WithReconstruction = variant != "pictures",
        WithReconstructionError = true,
        CodebookSize = 5,
        CodeDimension = 3,
        CodesPerRow = 2,
        HiddenUnits = [8],
        Channels = 4,
        ResidualBlocks = 1,
        Epochs = epochs,
        BatchSize = 6,
        PriorEpochs = 1,
        PriorChannels = 4,
    };

    private MemoryView Examples() => new([variant == "pictures" ? Pictures.Images("Image", Shape.Height) : Pictures.Vectors("Image", Shape)]);
}
