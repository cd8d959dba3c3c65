using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.CoordConv;

/// <summary>The image classifier in the contract: on vectors with batch normalization, on pictures with group normalization and small batches.</summary>
internal sealed class CoordConvNetCase(bool pictures) : IEstimatorCase<CoordConvNetTrainer>
{
    private static readonly ImageShape Shape = new(3, 8, 8);

    public CoordConvNetCase()
        : this(pictures: false)
    {
    }

    public string Variant => pictures ? "pictures" : "vectors";

    public IEnumerable<IEstimatorCase> Variants => [new CoordConvNetCase(pictures: false), new CoordConvNetCase(pictures: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        CoordConvNetOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new Started(started);
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.MulticlassClassification.Trainers.CoordConvNet("Side", "Image", (CoordConvNetOptions?)options);

    public IDataView Data(MLContext ml) => Examples();

    public IEnumerable<RejectedInput> Rejected(MLContext ml) =>
    [
        .. Pictures.Rejected(Examples(), "Image", Shape.Size),
        new("Side", "missing", Examples().Without("Side"), RejectedBy.Estimator),
        new("Side", "a vector", Examples().With(MemoryColumn.Vectors("Side", Pictures.Places(Shape.Height))), RejectedBy.Estimator),
        new("Side", "a time", Examples().With(MemoryColumn.Values("Side", DateTimeDataViewType.Instance, new DateTime[Pictures.Rows])), RejectedBy.Estimator),
    ];

    private CoordConvNetOptions Options(int epochs) => new()
    {
        ImageShape = Shape,
        CoordinateLayers = pictures ? CoordinateLayers.All : CoordinateLayers.First,
        WithRadius = pictures,
        HiddenChannels = [8, 8],
        Normalization = pictures ? Normalization.Group : Normalization.Batch,
        Groups = 4,
        MicroBatchSize = pictures ? 2 : null,
        Epochs = epochs,
        BatchSize = 6,
    };

    private MemoryView Examples() => new(
    [
        pictures ? Pictures.Images("Image", Shape.Height) : Pictures.Vectors("Image", Shape),
        MemoryColumn.Keys("Side", [.. Pictures.Places(Shape.Height).Select(place => place[0] < 3 ? 1u : place[0] < 5 ? 2u : 3u)], "left", "middle", "right"),
    ]);
}
