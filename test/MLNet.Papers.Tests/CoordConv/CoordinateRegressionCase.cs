using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.CoordConv;

/// <summary>
/// Coordinate regression in the contract: with coordinates on vectors, and both networks without on pictures, one of them to read one number.
/// </summary>
internal sealed class CoordinateRegressionCase(bool coordinates, PlainRegressor plain) : IEstimatorCase<CoordinateRegressionTrainer>
{
    private static readonly ImageShape Shape = new(1, 8, 8);

    public CoordinateRegressionCase()
        : this(coordinates: true, PlainRegressor.Pooling)
    {
    }

    public string Variant => coordinates ? "coordinates" : $"{plain}";

    public IEnumerable<IEstimatorCase> Variants =>
    [
        new CoordinateRegressionCase(coordinates: true, PlainRegressor.Pooling),
        new CoordinateRegressionCase(coordinates: false, PlainRegressor.Pooling),
        new CoordinateRegressionCase(coordinates: false, PlainRegressor.Strides),
    ];

    public TechniqueOptions SmallestOptions() => Options(epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        CoordinateRegressionOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new Started(started);
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Regression.Trainers.CoordinateRegression("Place", "Image", (CoordinateRegressionOptions?)options);

    public IDataView Data(MLContext ml) => Examples();

    public IEnumerable<RejectedInput> Rejected(MLContext ml) =>
    [
        .. Pictures.Rejected(Examples(), "Image", Shape.Size),
        .. Pictures.Rejected(Examples(), "Place", 2, RejectedBy.Estimator),
        new(
            "Place", "a key", Examples().With(MemoryColumn.Values("Place", new KeyDataViewType(typeof(uint), 3), new uint[Pictures.Rows])),
            RejectedBy.Estimator),
    ];

    private CoordinateRegressionOptions Options(int epochs) => new()
    {
        ImageShape = Shape,
        Coordinates = coordinates,
        PlainRegressor = plain,
        Epochs = epochs,
        BatchSize = 6,
    };

    private MemoryView Examples() =>
        new(
            [
                coordinates ? Pictures.Vectors("Image", Shape) : Pictures.Images("Image", Shape.Height),
                plain == PlainRegressor.Strides
                    ? MemoryColumn.Values("Place", NumberDataViewType.Single, [.. Pictures.Places(Shape.Height).Select(place => place[0])])
                    : MemoryColumn.Vectors("Place", Pictures.Places(Shape.Height)),
            ]);
}
