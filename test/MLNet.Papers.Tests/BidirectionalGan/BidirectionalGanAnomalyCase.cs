using Microsoft.ML;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.CoordConv;

namespace MLNet.Papers.Tests.BidirectionalGan;

/// <summary>The detector of anomalies in the contract: on numbers of any size, and on numbers from 0 to 1.</summary>
internal sealed class BidirectionalGanAnomalyCase(string variant) : IEstimatorCase<BidirectionalGanTrainer>
{
    private const int Rows = 24;
    private const int Size = 6;

    public BidirectionalGanAnomalyCase()
        : this("vectors")
    {
    }

    public string Variant => variant;

    public IEnumerable<IEstimatorCase> Variants =>
        [.. new[] { "vectors", "numbers from 0 to 1" }.Select(name => new BidirectionalGanAnomalyCase(name))];

    public TechniqueOptions SmallestOptions() => Options(epochs: 2);

    public TechniqueOptions EndlessOptions(Action started)
    {
        BidirectionalGanAnomalyOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new Started(started);
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.AnomalyDetection.Trainers.BidirectionalGan("Numbers", (BidirectionalGanAnomalyOptions?)options);

    public IDataView Data(MLContext ml) => Examples(Size);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        yield return new("Numbers", "missing", Examples(Size).With(MemoryColumn.Texts("Other", Enumerable.Repeat("", Rows))).Without("Numbers"));
        yield return new("Numbers", "a text", new MemoryView([MemoryColumn.Texts("Numbers", Enumerable.Repeat("1", Rows))]));
        yield return new("Numbers", "longer than what was fitted", WorkoutData.Widen(Examples(Size + 1)), RejectedBy.Model);
    }

    private BidirectionalGanAnomalyOptions Options(int epochs) => new()
    {
        Likelihood = variant == "vectors" ? Likelihood.Gaussian : Likelihood.Bernoulli,
        CodeSize = 2,
        HiddenUnits = [6],
        Epochs = epochs,
        BatchSize = 8,
        Contamination = 0.1,
    };

    private MemoryView Examples(int size)
    {
        var random = new Random(5);
        float shift = variant == "vectors" ? 0.5f : 0;
        float[][] rows = [.. Enumerable.Range(0, Rows).Select(_ => Enumerable.Range(0, size).Select(_ => random.NextSingle() - shift).ToArray())];
        return new([MemoryColumn.Vectors("Numbers", rows)]);
    }
}
