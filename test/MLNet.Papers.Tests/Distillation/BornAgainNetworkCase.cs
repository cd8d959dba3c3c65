using Microsoft.ML;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Distillation;

/// <summary>Born-again networks in the contract: the best generation, and the ensemble of permuted predictions.</summary>
internal sealed class BornAgainNetworkCase(bool ensemble) : IEstimatorCase<BornAgainNetworkTrainer>
{
    public BornAgainNetworkCase()
        : this(ensemble: false)
    {
    }

    public string Variant => ensemble ? "ensemble" : "best";

    public IEnumerable<IEstimatorCase> Variants => [new BornAgainNetworkCase(ensemble: false), new BornAgainNetworkCase(ensemble: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        BornAgainOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(60);
        options.Progress = new Begun(started);
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.MulticlassClassification.Trainers.BornAgainNetwork(options: (BornAgainOptions?)options);

    public IDataView Data(MLContext ml) => Lessons.Rows();

    public IEnumerable<RejectedInput> Rejected(MLContext ml) =>
    [
        .. Lessons.Rejected(Lessons.Rows()),
        new("Label", "missing", Lessons.Rows().Without("Label"), RejectedBy.Estimator),
        new("Label", "a vector", Lessons.Rows().With(MemoryColumn.Vectors("Label", Lessons.Features(Lessons.Rows().Count))), RejectedBy.Estimator),
    ];

    private BornAgainOptions Options(int epochs) => new()
    {
        HiddenUnits = [6],
        Generations = 2,
        Objective = ensemble ? BornAgainObjective.PermutedPredictions : BornAgainObjective.Ban,
        Output = ensemble ? BornAgainOutput.Ensemble : BornAgainOutput.BestOnValidation,
        Epochs = epochs,
        BatchSize = 12,
    };
}
