using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Elmo;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.Bert;

/// <summary>The regressor in the contract: of texts, and of pairs by the vectors of their ends.</summary>
internal sealed class BertRegressorCase(bool hasPairs) : IEstimatorCase<BertRegressorTrainer>
{
    private const int Rows = 24;

    public BertRegressorCase()
        : this(hasPairs: false)
    {
    }

    public string Variant => hasPairs ? "pairs" : "texts";

    public IEnumerable<IEstimatorCase> Variants => [new BertRegressorCase(hasPairs: false), new BertRegressorCase(hasPairs: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 4);

    public TechniqueOptions EndlessOptions(Action started)
    {
        BertRegressorOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) => ml.Regression.Trainers.BertRegressor(
        "Label", "Text", TinyBert.Transformer(ml), hasPairs ? "Second" : null, (BertRegressorOptions?)options);

    public IDataView Data(MLContext ml) => new MemoryView(hasPairs
        ? [ElmoSentences.Texts(Rows), BertClassifierCase.Second(), Labels()]
        : [ElmoSentences.Texts(Rows), Labels()]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = MemoryView.Of(Data(ml));
        foreach (RejectedInput rejected in BertClassifierCase.RejectedTexts(rows))
            yield return rejected;
        if (hasPairs)
        {
            yield return new("Second", "missing", rows.Without("Second"));
            yield return new("Second", "a number", rows.With(MemoryColumn.Values("Second", NumberDataViewType.Single, new float[Rows])));
        }

        yield return new("Label", "missing", rows.Without("Label"), RejectedBy.Estimator);
        yield return new("Label", "a text", rows.With(MemoryColumn.Texts("Label", new string[Rows])), RejectedBy.Estimator);
    }

    private static MemoryColumn Labels() =>
        MemoryColumn.Values("Label", NumberDataViewType.Single, [.. Enumerable.Range(0, Rows).Select(row => 1000 + (10f * ElmoSentences.KindOf(row)))]);

    private BertRegressorOptions Options(int epochs) => new()
    {
        Epochs = epochs,
        BatchSize = 6,
        LearningRate = 1e-2,
        CorrectsBias = hasPairs,
        Pooling = hasPairs ? Pooling.FirstLast : Pooling.Max,
    };
}
