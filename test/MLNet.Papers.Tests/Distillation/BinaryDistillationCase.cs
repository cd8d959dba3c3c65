using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Distillation;

/// <summary>Distillation of two classes in the contract.</summary>
internal sealed class BinaryDistillationCase : IEstimatorCase<BinaryDistillationTrainer>
{
    private static readonly Lazy<ITransformer> Teacher = new(() => new MLContext(1).BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(Examples()));

    public TechniqueOptions SmallestOptions() => Options(epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        DistillationOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new Begun(started);
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.BinaryClassification.Trainers.Distillation(Teacher.Value, options: (DistillationOptions?)options);

    public IDataView Data(MLContext ml) => Examples();

    public IEnumerable<RejectedInput> Rejected(MLContext ml) =>
    [
        .. Lessons.Rejected(Examples()),
        new("Label", "missing", Examples().Without("Label"), RejectedBy.Estimator),
        new("Label", "a text", Examples().With(MemoryColumn.Texts("Label", Enumerable.Repeat("true", Examples().Count))), RejectedBy.Estimator),
    ];

    private static DistillationOptions Options(int epochs) => new() { HiddenUnits = [6], Epochs = epochs, BatchSize = 12 };

    private static MemoryView Examples()
    {
        MemoryView rows = Lessons.Rows();
        return rows.With(MemoryColumn.Values("Label", BooleanDataViewType.Instance, [.. Enumerable.Range(0, rows.Count).Select(row => row % 3 == 0)]));
    }
}
