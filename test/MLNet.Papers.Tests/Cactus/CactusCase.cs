using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.PrototypicalNetworks;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.Cactus;

/// <summary>
/// CACTUs in the contract: images clustered by their principal components, vectors with a column of embeddings, and vectors clustered by an autoencoder that
/// MAML learns from.
/// </summary>
internal sealed class CactusCase(string variant) : IEstimatorCase<CactusEstimator>
{
    private const int Classes = 5;
    private const int Rows = 8 * Classes;
    private const int Side = 8;

    public CactusCase()
        : this("images")
    {
    }

    public string Variant => variant;

    public IEnumerable<IEstimatorCase> Variants => [.. new[] { "images", "embeddings", "gradients" }.Select(name => new CactusCase(name))];

    private bool HasEmbeddings => variant == "embeddings";

    private int Size => variant == "images" ? Side * Side : 6;

    public TechniqueOptions SmallestOptions() => Options(steps: 3);

    public TechniqueOptions EndlessOptions(Action started)
    {
        CactusOptions options = Options(steps: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.Transforms.FeaturizeWithCactus("Learned", "Features", (CactusOptions?)options);

    public IDataView Data(MLContext ml) => Examples(Size);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = Examples(Size);
        foreach (string column in HasEmbeddings ? new[] { "Features", "Space" } : ["Features"])
        {
            RejectedBy by = column == "Features" ? RejectedBy.Both : RejectedBy.Estimator;
            yield return new(column, "missing", rows.Without(column), by);
            yield return new(column, "a text", rows.With(MemoryColumn.Texts(column, Enumerable.Repeat("1", Rows))), by);
            yield return new(column, "a single number", rows.With(MemoryColumn.Values(column, NumberDataViewType.Single, new float[Rows])), by);
            yield return new(column, "a vector of Double", rows.With(Vectors(column, NumberDataViewType.Double, 1.0, 6)), by);
            yield return new(column, "a vector of unknown length", rows.With(Vectors(column, NumberDataViewType.Single, 1f, 0)), by);
        }

        yield return new("Features", "longer than what was fitted", Examples(Size + 1), RejectedBy.Model);

        static MemoryColumn Vectors<T>(string column, PrimitiveDataViewType itemType, T value, int size) =>
            MemoryColumn.Vectors(column, itemType, [.. Enumerable.Repeat(new VBuffer<T>(6, [.. Enumerable.Repeat(value, 6)]), Rows)], size);
    }

    private CactusOptions Options(int steps) => new()
    {
        ImageShape = variant == "images" ? new ImageShape(1, Side, Side) : null,
        EmbeddingColumnName = HasEmbeddings ? "Space" : null,
        Embedding = variant == "gradients" ? CactusEmbedding.Acai : CactusEmbedding.PrincipalComponents,
        EmbeddingEpochs = 2,
        EmbeddingSize = 4,
        Clusters = Classes,
        Partitions = 2,
        MinimumUsableClusters = 0.4,
        Ways = 2,
        QueriesPerClass = 2,
        Steps = steps,
        Filters = 4,
        Blocks = 2,
        HiddenUnits = [8],
        FeatureCount = 5,
        Learner = variant == "gradients" ? CactusLearner.Maml : CactusLearner.PrototypicalNetwork,
        InnerSteps = 2,
        AdaptationSteps = 3,
        TasksPerStep = 2,
    };

    private MemoryView Examples(int size)
    {
        MemoryColumn features = MemoryColumn.Vectors("Features", Clusters.Features(Classes, Rows / Classes, size, spread: 0.3));
        return HasEmbeddings ? new([features, MemoryColumn.Vectors("Space", Clusters.Features(Classes, Rows / Classes, 3))]) : new([features]);
    }
}
