using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Series;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.TrellisNet;

/// <summary>The trainer in the contract: series of two channels and unequal lengths, of one channel and known length, and of keys.</summary>
internal sealed class TrellisNetClassifierCase(SeriesKind kind) : IEstimatorCase<TrellisNetClassifierTrainer>
{
    public TrellisNetClassifierCase()
        : this(SeriesKind.Variable)
    {
    }

    public string Variant => $"{kind}";

    public IEnumerable<IEstimatorCase> Variants => Enum.GetValues<SeriesKind>().Select(each => new TrellisNetClassifierCase(each));

    public TechniqueOptions SmallestOptions() => TrellisNetSettings.Options(kind, epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        TrellisNetOptions options = TrellisNetSettings.Options(kind, epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.MulticlassClassification.Trainers.TrellisNet("Label", "Series", (TrellisNetOptions?)options);

    public IDataView Data(MLContext ml) => Examples();

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = Examples();
        return
        [
            .. SeriesExamples.Rejected(rows, "Series"),
            new("Label", "missing", rows.Without("Label"), RejectedBy.Estimator),
            new(
                "Label", "times", rows.With(MemoryColumn.Values("Label", DateTimeDataViewType.Instance, new DateTime[SeriesExamples.Rows])),
                RejectedBy.Estimator),
        ];
    }

    private MemoryView Examples() => new(
    [
        SeriesExamples.Series(kind, "Series"),
        MemoryColumn.Keys("Label", [.. Enumerable.Range(0, SeriesExamples.Rows).Select(row => (uint)(row % 2) + 1)], "low", "high"),
    ]);
}
