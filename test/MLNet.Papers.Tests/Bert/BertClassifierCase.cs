using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Elmo;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.Bert;

/// <summary>
/// The classifier in the contract: of texts by the encoder's own pooling, and of pairs by the pooler, with frozen layers and rates by layers.
/// </summary>
internal sealed class BertClassifierCase(bool hasPairs) : IEstimatorCase<BertClassifierTrainer>
{
    private const int Rows = 24;

    public BertClassifierCase()
        : this(hasPairs: false)
    {
    }

    public string Variant => hasPairs ? "pairs, a part of the encoder" : "texts";

    public IEnumerable<IEstimatorCase> Variants => [new BertClassifierCase(hasPairs: false), new BertClassifierCase(hasPairs: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 4);

    public TechniqueOptions EndlessOptions(Action started)
    {
        BertClassifierOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) => ml.MulticlassClassification.Trainers.BertClassifier(
        "Label", "Text", TinyBert.Transformer(ml), hasPairs ? "Second" : null, (BertClassifierOptions?)options);

    public IDataView Data(MLContext ml) => new MemoryView(hasPairs
        ? [ElmoSentences.Texts(Rows), Second(), ElmoSentences.Labels(Rows)]
        : [ElmoSentences.Texts(Rows), ElmoSentences.Labels(Rows)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = MemoryView.Of(Data(ml));
        foreach (RejectedInput rejected in RejectedTexts(rows))
            yield return rejected;
        if (hasPairs)
        {
            yield return new("Second", "missing", rows.Without("Second"));
            yield return new("Second", "a number", rows.With(MemoryColumn.Values("Second", NumberDataViewType.Single, new float[Rows])));
        }

        yield return new("Label", "missing", rows.Without("Label"), RejectedBy.Estimator);
        yield return new("Label", "a time", rows.With(MemoryColumn.Values("Label", DateTimeDataViewType.Instance, new DateTime[Rows])), RejectedBy.Estimator);
    }

    /// <summary>Inputs whose column of texts is none.</summary>
    public static IEnumerable<RejectedInput> RejectedTexts(MemoryView rows)
    {
        foreach (RejectedInput rejected in ElmoCase.RejectedTexts(rows))
            yield return rejected;
        yield return new("Text", "words", rows.With(
            MemoryColumn.Vectors("Text", TextDataViewType.Instance, new VBuffer<ReadOnlyMemory<char>>[rows.Count])));
    }

    /// <summary>Second texts of pairs.</summary>
    public static MemoryColumn Second() =>
        MemoryColumn.Texts("Second", Enumerable.Range(0, Rows).Select(row => row == 7 ? "" : string.Join(' ', ElmoSentences.Tokens(row + 1))));

    private BertClassifierOptions Options(int epochs)
    {
        var options = new BertClassifierOptions { Epochs = epochs, BatchSize = 6, LearningRate = 1e-2 };
        if (!hasPairs)
            return options;
        options.Pooling = Pooling.First;
        (options.FrozenLayers, options.LayerDecay, options.MaxLength) = (1, 0.5, 10);
        (options.ValidationFraction, options.ValidationInterval) = (0.2, 2);
        return options;
    }
}
