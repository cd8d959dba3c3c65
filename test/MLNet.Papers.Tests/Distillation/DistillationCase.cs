using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Distillation;

/// <summary>Distillation in the contract: a perceptron, and a convolution with coordinates and group normalization.</summary>
internal sealed class DistillationCase(bool images) : IEstimatorCase<DistillationTrainer>
{
    private const int Side = 6;

    private ITransformer? _teacher;

    public DistillationCase()
        : this(images: false)
    {
    }

    public string Variant => images ? "images" : "vectors";

    public IEnumerable<IEstimatorCase> Variants => [new DistillationCase(images: false), new DistillationCase(images: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        DistillationOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new Begun(started);
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.MulticlassClassification.Trainers.Distillation(_teacher ??= Lessons.Linear(Examples()), options: (DistillationOptions?)options);

    public IDataView Data(MLContext ml) => Examples();

    public IEnumerable<RejectedInput> Rejected(MLContext ml) =>
    [
        .. Lessons.Rejected(Examples()),
        new("Label", "missing", Examples().Without("Label"), RejectedBy.Estimator),
        new("Label", "a vector", Examples().With(MemoryColumn.Vectors("Label", Lessons.Features(Examples().Count))), RejectedBy.Estimator),
        new("Label", "a time", Examples().With(MemoryColumn.Values("Label", DateTimeDataViewType.Instance, new DateTime[Examples().Count])),
            RejectedBy.Estimator),
    ];

    private DistillationOptions Options(int epochs) => new()
    {
        ImageShape = images ? new(1, Side, Side) : null,
        HiddenChannels = [4],
        CoordinateLayers = images ? CoordinateLayers.First : CoordinateLayers.None,
        Normalization = Normalization.Group,
        Groups = 2,
        HiddenUnits = [6],
        LabelWeight = 0.5,
        Temperature = 2,
        Epochs = epochs,
        BatchSize = 12,
    };

    private MemoryView Examples() => Lessons.Rows(size: images ? Side * Side : Lessons.Size);
}
