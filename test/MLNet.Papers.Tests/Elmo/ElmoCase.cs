using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>Learning a language model in the contract: texts with the defaults of the outputs, and tokens with all layers and all columns.</summary>
internal sealed class ElmoCase(bool hasTokens) : IEstimatorCase<ElmoEstimator>
{
    private const int Rows = 24;

    public ElmoCase()
        : this(hasTokens: false)
    {
    }

    public string Variant => hasTokens ? "tokens, all layers" : "texts";

    public IEnumerable<IEstimatorCase> Variants => [new ElmoCase(hasTokens: false), new ElmoCase(hasTokens: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 1);

    public TechniqueOptions EndlessOptions(Action started)
    {
        ElmoOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.Text.FeaturizeTextWithElmo("Features", "Text", (ElmoOptions?)options);

    public IDataView Data(MLContext ml) => new MemoryView([hasTokens ? ElmoSentences.TokenVectors(Rows) : ElmoSentences.Texts(Rows)]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => RejectedTexts(MemoryView.Of(Data(ml)));

    /// <summary>Inputs whose column of texts is none.</summary>
    public static IEnumerable<RejectedInput> RejectedTexts(MemoryView rows)
    {
        yield return new("Text", "missing", rows.Without("Text"));
        yield return new("Text", "a number", rows.With(MemoryColumn.Values("Text", NumberDataViewType.Single, new float[rows.Count])));
        yield return new("Text", "a key", rows.With(MemoryColumn.Keys("Text", [.. Enumerable.Repeat(1u, rows.Count)], "a")));
    }

    private ElmoOptions Options(int epochs) => new()
    {
        ProjectionSize = 8,
        CellSize = hasTokens ? 8 : 10,
        FilterWidths = [1, 3],
        FilterCounts = [4, 6],
        CharacterSize = 4,
        MaxCharacters = 12,
        WindowLength = 5,
        BatchSize = 4,
        NegativeSamples = hasTokens ? 0 : 6,
        Optimizer = hasTokens ? TrainingOptimizer.Adagrad : TrainingOptimizer.Adam,
        Epochs = epochs,
        KeepLanguageModel = hasTokens,
        Representation = hasTokens ? ElmoRepresentation.AllLayers : ElmoRepresentation.Mix,
        Pooling = hasTokens ? Pooling.FirstLast : Pooling.Mean,
        TokenVectorsColumnName = hasTokens ? "Vectors" : null,
        TokensColumnName = hasTokens ? "Tokens" : null,
    };
}
