using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.CoordConv;

/// <summary>The image featurizer in the contract: learning from numbers, from classes, and from the images alone with and without coordinates.</summary>
internal sealed class CoordConvFeaturizerCase(string variant) : IEstimatorCase<CoordConvFeaturizerEstimator>
{
    private static readonly ImageShape Shape = new(3, 8, 8);

    public CoordConvFeaturizerCase()
        : this("numbers")
    {
    }

    public string Variant => variant;

    public IEnumerable<IEstimatorCase> Variants =>
        [.. new[] { "numbers", "classes", "images alone", "plain images alone" }.Select(name => new CoordConvFeaturizerCase(name))];

    private bool HasLabel => variant is "numbers" or "classes";

    public TechniqueOptions SmallestOptions() => Options(epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        CoordConvFeaturizerOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new Started(started);
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.FeaturizeImageWithCoordConv("Features", "Image", (CoordConvFeaturizerOptions?)options);

    public IDataView Data(MLContext ml) => Examples();

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = Examples();
        foreach (RejectedInput rejected in Pictures.Rejected(rows, "Image", Shape.Size))
            yield return rejected;
        if (!HasLabel)
            yield break;
        yield return new("Place", "missing", rows.Without("Place"), RejectedBy.Estimator);
        yield return new(
            "Place", "a time", rows.With(MemoryColumn.Values("Place", DateTimeDataViewType.Instance, new DateTime[Pictures.Rows])), RejectedBy.Estimator);
    }

    private CoordConvFeaturizerOptions Options(int epochs) => new()
    {
        LabelColumnName = HasLabel ? "Place" : null,
        ImageShape = Shape,
        Coordinates = variant != "plain images alone",
        Filters = 4,
        Blocks = 2,
        FeatureCount = 8,
        Normalization = variant == "classes" ? Normalization.Group : Normalization.Batch,
        Groups = 2,
        Epochs = epochs,
        BatchSize = 6,
    };

    private MemoryView Examples()
    {
        float[][] places = Pictures.Places(Shape.Height);
        return variant switch
        {
            "numbers" => new([Pictures.Vectors("Image", Shape), MemoryColumn.Vectors("Place", places)]),
            "classes" => new([Pictures.Images("Image", Shape.Height), MemoryColumn.Texts("Place", places.Select(place => place[0] < 4 ? "left" : "right"))]),
            _ => new([Pictures.Vectors("Image", Shape)]),
        };
    }
}
