using Microsoft.ML;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.CoordConv;

/// <summary>Coordinate painters in the contract: with coordinates a pixel and a shape, and the transposed convolution.</summary>
internal sealed class CoordinatePainterCase(bool coordinates, PaintedOutput output) : IEstimatorCase<CoordinatePainterTrainer>
{
    private const int Side = 8;

    public CoordinatePainterCase()
        : this(coordinates: true, PaintedOutput.PixelSoftmax)
    {
    }

    public string Variant => $"{(coordinates ? "coordinates" : "deconvolution")} {output}";

    public IEnumerable<IEstimatorCase> Variants =>
    [
        new CoordinatePainterCase(coordinates: true, PaintedOutput.PixelSoftmax),
        new CoordinatePainterCase(coordinates: true, PaintedOutput.Render),
        new CoordinatePainterCase(coordinates: false, PaintedOutput.PixelSigmoid),
    ];

    public TechniqueOptions SmallestOptions() => Options(epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        CoordinatePainterOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new Started(started);
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Generation.Trainers.CoordinatePainter("Pixels", "Centre", (CoordinatePainterOptions?)options);

    public IDataView Data(MLContext ml) => Examples();

    public IEnumerable<RejectedInput> Rejected(MLContext ml) =>
    [
        .. Pictures.Rejected(Examples(), "Centre", 2),
        .. Pictures.Rejected(Examples(), "Pixels", Side * Side, RejectedBy.Estimator),
    ];

    private CoordinatePainterOptions Options(int epochs) => new()
    {
        Height = Side,
        Width = Side,
        Coordinates = coordinates,
        Output = output,
        HiddenChannels = [8, 8],
        Epochs = epochs,
        BatchSize = 6,
    };

    private static MemoryView Examples() => new([MemoryColumn.Vectors("Centre", Pictures.Places(Side)), Pictures.Pixels("Pixels", Side)]);
}
