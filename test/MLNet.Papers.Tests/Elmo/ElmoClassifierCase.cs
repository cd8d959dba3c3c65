using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>The classifier over a language model in the contract.</summary>
internal sealed class ElmoClassifierCase : IEstimatorCase<ElmoClassifierTrainer>
{
    private const int Rows = 24;

    public TechniqueOptions SmallestOptions() => new ElmoClassifierOptions { Epochs = 4 };

    public TechniqueOptions EndlessOptions(Action started) =>
        new ElmoClassifierOptions { Epochs = int.MaxValue, TimeLimit = TimeSpan.FromSeconds(30), Progress = new ProgressList(_ => started()) };

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options)
    {
        using PublishedFiles files = PublishedFiles.Make(new());
        ElmoTransformer pretrained = ml.Transforms.Text.ApplyElmo("Features", "Text", files.OptionsPath, files.WeightsPath).Fit(Data(ml));
        return ml.MulticlassClassification.Trainers.ElmoClassifier(pretrained, options: (ElmoClassifierOptions?)options);
    }

    public IDataView Data(MLContext ml) => new MemoryView([ElmoSentences.Texts(Rows), ElmoSentences.Labels(Rows)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = MemoryView.Of(Data(ml));
        foreach (RejectedInput rejected in ElmoCase.RejectedTexts(rows))
            yield return rejected;
        yield return new("Label", "missing", rows.Without("Label"), RejectedBy.Estimator);
        yield return new("Label", "a time", rows.With(MemoryColumn.Values("Label", DateTimeDataViewType.Instance, new DateTime[Rows])), RejectedBy.Estimator);
    }
}
