using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.CoordConv;

namespace MLNet.Papers.Tests.FlowAutoencoder;

/// <summary>The autoencoder with a flow in the contract: on plain vectors, on images and on pictures.</summary>
internal sealed class FlowAutoencoderCase(string variant) : IEstimatorCase<FlowAutoencoderEstimator>
{
    private static readonly ImageShape Shape = new(3, 8, 8);

    public FlowAutoencoderCase()
        : this("vectors")
    {
    }

    public string Variant => variant;

    public IEnumerable<IEstimatorCase> Variants =>
        [.. new[] { "vectors", "images", "pictures" }.Select(name => new FlowAutoencoderCase(name))];

    public TechniqueOptions SmallestOptions() => Options(epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        FlowAutoencoderOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new Started(started);
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.FeaturizeWithFlowAutoencoder("Codes", "Image", (FlowAutoencoderOptions?)options);

    public IDataView Data(MLContext ml) => Examples();

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => variant == "vectors"
        ? [.. Pictures.Rejected(Examples(), "Image", Shape.Size),
            new("Image", "longer than what was fitted", WorkoutData.Widen(new([Pictures.Vectors("Image", Shape with { Channels = 4 })])), RejectedBy.Model)]
        : Pictures.Rejected(Examples(), "Image", Shape.Size);

    private FlowAutoencoderOptions Options(int epochs) => new()
    {
        ImageShape = variant == "vectors" ? null : Shape,
        Likelihood = variant == "images" ? Likelihood.Bernoulli : Likelihood.Gaussian,
        Flow = variant == "images" ? FlowForm.Radial : FlowForm.Planar,
        SharedFlow = variant == "pictures",
        FlowLength = 2,
        Deviation = 1,
        WithBound = true,
        EvaluationSamples = 2,
        WithReconstruction = variant != "pictures",
        WithReconstructionError = true,
        CodeSize = 3,
        HiddenUnits = [8],
        Channels = 4,
        Epochs = epochs,
        BatchSize = 6,
        PriorComponents = variant == "vectors" ? 2 : 0,
    };

    private MemoryView Examples() => new([variant == "pictures" ? Pictures.Images("Image", Shape.Height) : Pictures.Vectors("Image", Shape)]);
}
