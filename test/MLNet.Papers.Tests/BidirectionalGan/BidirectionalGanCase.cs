using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.CoordConv;

namespace MLNet.Papers.Tests.BidirectionalGan;

/// <summary>The bidirectional GAN in the contract: on plain vectors, on images and on pictures.</summary>
internal sealed class BidirectionalGanCase(string variant) : IEstimatorCase<BidirectionalGanEstimator>
{
    private static readonly ImageShape Shape = new(3, 8, 8);

    public BidirectionalGanCase()
        : this("vectors")
    {
    }

    public string Variant => variant;

    public IEnumerable<IEstimatorCase> Variants =>
        [.. new[] { "vectors", "images", "pictures" }.Select(name => new BidirectionalGanCase(name))];

    public TechniqueOptions SmallestOptions() => Options(epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        BidirectionalGanOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new Started(started);
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.FeaturizeWithBidirectionalGan("Codes", "Image", (BidirectionalGanOptions?)options);

    public IDataView Data(MLContext ml) => Examples();

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => variant == "vectors"
        ? [.. Pictures.Rejected(Examples(), "Image", Shape.Size),
            new("Image", "longer than what was fitted", WorkoutData.Widen(new([Pictures.Vectors("Image", Shape with { Channels = 4 })])), RejectedBy.Model)]
        : Pictures.Rejected(Examples(), "Image", Shape.Size);

    private BidirectionalGanOptions Options(int epochs) => new()
    {
        ImageShape = variant == "vectors" ? null : Shape,
        Likelihood = variant == "images" ? Likelihood.Bernoulli : Likelihood.Gaussian,
        CodeDistribution = variant == "images" ? CodeDistribution.Gaussian : CodeDistribution.Uniform,
        Objective = variant switch
        {
            "vectors" => BidirectionalGanObjective.BiGan,
            "images" => BidirectionalGanObjective.JointLatentRegressor,
            _ => BidirectionalGanObjective.LatentRegressor,
        },
        WithReconstruction = variant != "pictures",
        WithReconstructionError = true,
        CodeSize = 3,
        HiddenUnits = [8],
        Channels = 4,
        Epochs = epochs,
        BatchSize = 6,
    };

    private MemoryView Examples() => new([variant == "pictures" ? Pictures.Images("Image", Shape.Height) : Pictures.Vectors("Image", Shape)]);
}
