using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.Maml;

/// <summary>MAML in the contract: once with the multilayer perceptron and to the first order, once with the convolution and to the second.</summary>
internal sealed class MamlCase(bool images) : IEstimatorCase<MamlTrainer>
{
    private const int Classes = 4;
    private const int Rows = 6 * Classes;
    private const int Side = 8;

    public MamlCase()
        : this(images: false)
    {
    }

    public string Variant => images ? "images" : "vectors";

    public IEnumerable<IEstimatorCase> Variants => [new MamlCase(images: false), new MamlCase(images: true)];

    private int Size => images ? Side * Side : 6;

    public TechniqueOptions SmallestOptions() => Options(steps: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        MamlOptions options = Options(steps: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.MulticlassClassification.Trainers.Maml(options: (MamlOptions?)options);

    public IDataView Data(MLContext ml) => Examples(Size);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = Examples(Size);
        yield return new("Features", "missing", rows.Without("Features"));
        yield return new("Features", "a text", rows.With(MemoryColumn.Texts("Features", Enumerable.Repeat("1", Rows))));
        yield return new("Features", "a single number", rows.With(MemoryColumn.Values("Features", NumberDataViewType.Single, new float[Rows])));
        yield return new("Features", "longer than what was fitted", Examples(Size + 1), RejectedBy.Model);
        yield return new("Label", "missing", rows.Without("Label"), RejectedBy.Estimator);
        yield return new("Label", "a time", rows.With(MemoryColumn.Values("Label", DateTimeDataViewType.Instance, new DateTime[Rows])), RejectedBy.Estimator);
    }

    private MamlOptions Options(int steps) => new()
    {
        ImageShape = images ? new ImageShape(1, Side, Side) : null,
        Ways = 3,
        QueriesPerClass = 2,
        Steps = steps,
        InnerSteps = 2,
        AdaptationSteps = 3,
        TasksPerStep = 2,
        FirstOrder = !images,
        Filters = 4,
        Blocks = 2,
        HiddenUnits = [8],
    };

    // More classes than a task has ways, so that outputs begin alike.
    private static MemoryView Examples(int size)
    {
        uint[] labels = [.. Clusters.Labels(Classes, Rows / Classes).Select(index => (uint)index + 1)];
        return new MemoryView(
        [
            MemoryColumn.Vectors("Features", Clusters.Features(Classes, Rows / Classes, size, spread: 0.3)),
            MemoryColumn.Keys("Label", labels, "ash", "beech", "cedar", "oak"),
        ]);
    }
}
