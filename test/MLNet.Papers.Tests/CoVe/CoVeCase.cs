using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.CoVe;

/// <summary>Learning vectors from translations in the contract: texts with the defaults of the outputs, and tokens with all layers and all columns.</summary>
internal sealed class CoVeCase(bool hasTokens) : IEstimatorCase<CoVeEstimator>
{
    private const int Rows = 24;

    public CoVeCase()
        : this(hasTokens: false)
    {
    }

    public string Variant => hasTokens ? "tokens, all layers" : "texts";

    public IEnumerable<IEstimatorCase> Variants => [new CoVeCase(hasTokens: false), new CoVeCase(hasTokens: true)];

    public TechniqueOptions SmallestOptions() => Options(epochs: 1);

    public TechniqueOptions EndlessOptions(Action started)
    {
        CoVeOptions options = Options(epochs: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.Text.FeaturizeTextWithCoVe("Features", "Text", (CoVeOptions?)options);

    public IDataView Data(MLContext ml) => new MemoryView(TranslatedSentences.Columns(Rows, hasTokens));

    public IEnumerable<RejectedInput> Rejected(MLContext ml) => RejectedPairs(MemoryView.Of(Data(ml)));

    /// <summary>Inputs of which a column of texts is none.</summary>
    public static IEnumerable<RejectedInput> RejectedPairs(MemoryView rows) =>
        from column in new[] { "Text", "Target" }
        from problem in new[] { "missing", "a number", "a key" }
        select new RejectedInput(column, problem, Spoiled(rows, column, problem), column == "Text" ? RejectedBy.Both : RejectedBy.Estimator);

    private static MemoryView Spoiled(MemoryView rows, string column, string problem) => problem switch
    {
        "missing" => rows.Without(column),
        "a number" => rows.With(MemoryColumn.Values(column, NumberDataViewType.Single, new float[rows.Count])),
        _ => rows.With(MemoryColumn.Keys(column, [.. Enumerable.Repeat(1u, rows.Count)], "a")),
    };

    private CoVeOptions Options(int epochs) => new()
    {
        HiddenSize = 8,
        Layers = hasTokens ? 3 : 2,
        EmbeddingSize = 8,
        BatchSize = 4,
        MinTargetCount = 1,
        Epochs = epochs,
        WordVectors = TranslatedSentences.Vectors(),
        InputFeeding = !hasTokens,
        KeepDecoder = !hasTokens,
        NegativeSamples = hasTokens ? 6 : 0,
        Optimizer = hasTokens ? TrainingOptimizer.Sgd : TrainingOptimizer.Adam,
        OutputLayers = hasTokens ? CoVeLayers.All : CoVeLayers.Last,
        IncludeWordVectors = !hasTokens,
        Pooling = hasTokens ? Pooling.FirstLast : Pooling.Mean,
        TokenVectorsColumnName = hasTokens ? "Vectors" : null,
        TokensColumnName = hasTokens ? "Tokens" : null,
    };
}
