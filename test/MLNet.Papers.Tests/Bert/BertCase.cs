using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Elmo;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.Bert;

/// <summary>Pre-training in the contract: single texts with the defaults of the outputs, and documents with all layers and all columns.</summary>
internal sealed class BertCase(bool hasDocuments) : IEstimatorCase<BertEstimator>
{
    private const int Rows = 80;

    public BertCase()
        : this(hasDocuments: false)
    {
    }

    public string Variant => hasDocuments ? "documents, all layers" : "texts";

    public IEnumerable<IEstimatorCase> Variants => [new BertCase(hasDocuments: false), new BertCase(hasDocuments: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 1);

    public TechniqueOptions EndlessOptions(Action started)
    {
        BertOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.Text.FeaturizeTextWithBert("Features", "Text", (BertOptions?)options);

    public IDataView Data(MLContext ml) =>
        new MemoryView(hasDocuments ? [BertSentences.Texts(Rows), BertSentences.Documents(Rows)] : [BertSentences.Texts(Rows)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = MemoryView.Of(Data(ml));
        foreach (RejectedInput texts in ElmoCase.RejectedTexts(rows))
            yield return texts;
        if (!hasDocuments)
            yield break;
        yield return new("Document", "missing", rows.Without("Document"), RejectedBy.Estimator);
        MemoryColumn vectors = MemoryColumn.Vectors(
            "Document", NumberDataViewType.Single, [.. Enumerable.Range(0, rows.Count).Select(_ => new VBuffer<float>(1, [1f]))]);
        yield return new("Document", "a vector", rows.With(vectors), RejectedBy.Estimator);
    }

    /// <summary>The smallest network that learns.</summary>
    public static BertOptions Smallest(int epochs) => new()
    {
        VocabularySize = 120,
        HiddenSize = 16,
        Layers = 1,
        MaxLength = 24,
        BatchSize = 16,
        Epochs = epochs,
    };

    private BertOptions Options(int epochs)
    {
        BertOptions options = Smallest(epochs);
        if (!hasDocuments)
            return options;
        options.DocumentColumnName = "Document";
        options.Layers = 2;
        options.InnerSize = 24;
        options.WholeWord = true;
        options.Gelu = BertGelu.Erf;
        options.ValidationFraction = 0.2;
        options.ValidationInterval = 3;
        options.KeepMaskedWordHead = false;
        options.Pooling = Pooling.FirstLast;
        options.Representation = BertRepresentation.AllLayers;
        options.WordVector = BertWordVector.Mean;
        options.TokenVectorsColumnName = "Vectors";
        options.TokensColumnName = "Tokens";
        return options;
    }
}
