using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.FastText;

/// <summary>Classifiers of texts in the contract: one label a row by softmax, several by one-versus-all.</summary>
internal sealed class FastTextTrainerCase(bool hasSeveralLabels) : IEstimatorCase<FastTextTrainer>
{
    private const int Rows = 30;

    public FastTextTrainerCase()
        : this(hasSeveralLabels: false)
    {
    }

    public string Variant => hasSeveralLabels ? "several labels" : "one label";

    public IEnumerable<IEstimatorCase> Variants => [new FastTextTrainerCase(hasSeveralLabels: false), new FastTextTrainerCase(hasSeveralLabels: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 3);

    public TechniqueOptions EndlessOptions(Action started)
    {
        FastTextClassifierOptions options = Options(epochs: int.MaxValue);
        options.Progress = new ProgressList(progress =>
        {
            started();
            if (progress.Elapsed.TotalSeconds > 30)
                throw new TimeoutException("There is no time limit that would end this.");
        });
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.MulticlassClassification.Trainers.FastText(options: (FastTextClassifierOptions?)options);

    public IDataView Data(MLContext ml) =>
        new MemoryView([SmallCorpus.Texts(Rows), hasSeveralLabels ? SmallCorpus.SeveralLabels(Rows) : SmallCorpus.Labels(Rows)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = MemoryView.Of(Data(ml));
        yield return new("Text", "missing", rows.Without("Text"));
        yield return new("Text", "a number", rows.With(MemoryColumn.Values("Text", NumberDataViewType.Single, new float[Rows])));
        yield return new("Label", "missing", rows.Without("Label"), RejectedBy.Estimator);
        yield return new(
            "Label", "a vector of Single", rows.With(MemoryColumn.Vectors("Label", [.. Enumerable.Repeat(new float[2], Rows)])), RejectedBy.Estimator);
        yield return new("Label", "a time", rows.With(MemoryColumn.Values("Label", DateTimeDataViewType.Instance, new DateTime[Rows])), RejectedBy.Estimator);
        if (!hasSeveralLabels)
            yield return new("Label", "several, without one-versus-all", rows.With(SmallCorpus.SeveralLabels(Rows)), RejectedBy.Estimator);
    }

    private FastTextClassifierOptions Options(int epochs) => new()
    {
        Loss = hasSeveralLabels ? FastTextLoss.OneVersusAll : FastTextLoss.Softmax,
        Dimension = 6,
        Buckets = 50,
        WordNgrams = 2,
        Epochs = epochs,
    };
}
