using Microsoft.ML;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.CoordConv;

/// <summary>Coordinate channels in the contract: on vectors and on pictures.</summary>
internal sealed class CoordinateChannelsCase(bool pictures) : IEstimatorCase<CoordinateChannelsEstimator>
{
    private static readonly ImageShape Shape = new(3, 5, 5);

    public CoordinateChannelsCase()
        : this(pictures: false)
    {
    }

    public string Variant => pictures ? "pictures" : "vectors";

    public IEnumerable<IEstimatorCase> Variants => [new CoordinateChannelsCase(pictures: false), new CoordinateChannelsCase(pictures: true)];

    public bool IsRandom => false;

    public bool Learns => false;

    public TechniqueOptions SmallestOptions() => new NoOptions();

    public TechniqueOptions EndlessOptions(Action started) => new NoOptions();

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.AddCoordinateChannels("Located", "Image", Shape.Channels, Shape.Height, Shape.Width, withRadius: !pictures);

    public IDataView Data(MLContext ml) => Examples();

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => Pictures.Rejected(Examples(), "Image", Shape.Size)
        .Append(new("Image", "longer than said", new MemoryView([Pictures.Vectors("Image", Shape with { Width = 6 })]), RejectedBy.Model));

    private MemoryView Examples() => new([pictures ? Pictures.Images("Image", Shape.Height) : Pictures.Vectors("Image", Shape)]);
}
