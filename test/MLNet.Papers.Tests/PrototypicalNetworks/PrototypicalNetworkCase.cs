using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.PrototypicalNetworks;

/// <summary>Prototypical networks in the contract: once with the multilayer perceptron, once with the convolution.</summary>
internal sealed class PrototypicalNetworkCase(bool images) : IEstimatorCase<PrototypicalNetworkTrainer>
{
    private const int Rows = 24;
    private const int Classes = 4;
    private const int Side = 8;

    public PrototypicalNetworkCase()
        : this(images: false)
    {
    }

    public string Variant => images ? "images" : "vectors";

    public IEnumerable<IEstimatorCase> Variants => [new PrototypicalNetworkCase(images: false), new PrototypicalNetworkCase(images: true)];

    private int Size => images ? Side * Side : 6;

    public TechniqueOptions SmallestOptions() => Options(episodes: 5);

    public TechniqueOptions EndlessOptions(Action started)
    {
        PrototypicalNetworkOptions options = Options(episodes: int.MaxValue);
        options.TimeLimit = TimeSpan.FromSeconds(30);
        options.Progress = new ProgressList(_ => started());
        return options;
    }

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: (PrototypicalNetworkOptions?)options);

    public IDataView Data(MLContext ml) => Examples(Size);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = Examples(Size);
        yield return new("Features", "missing", rows.Without("Features"));
        yield return new("Features", "a text", rows.With(MemoryColumn.Texts("Features", Enumerable.Repeat("1", Rows))));
        yield return new("Features", "a single number", rows.With(MemoryColumn.Values("Features", NumberDataViewType.Single, new float[Rows])));
        yield return new("Features", "a vector of Double", rows.With(Vectors(NumberDataViewType.Double, 1.0, Size)));
        yield return new("Features", "a vector of unknown length", rows.With(Vectors(NumberDataViewType.Single, 1f, 0)));
        yield return new("Features", "longer than what was fitted", Examples(Size + 1), RejectedBy.Model);
        yield return new("Label", "missing", rows.Without("Label"), RejectedBy.Estimator);
        yield return new("Label", "a vector", rows.With(MemoryColumn.Vectors("Label", [.. Enumerable.Repeat(new float[2], Rows)])), RejectedBy.Estimator);
        yield return new("Label", "a time", rows.With(MemoryColumn.Values("Label", DateTimeDataViewType.Instance, new DateTime[Rows])), RejectedBy.Estimator);

        static MemoryColumn Vectors<T>(PrimitiveDataViewType itemType, T value, int size) =>
            MemoryColumn.Vectors("Features", itemType, [.. Enumerable.Repeat(new VBuffer<T>(6, [.. Enumerable.Repeat(value, 6)]), Rows)], size);
    }

    private PrototypicalNetworkOptions Options(int episodes) => new()
    {
        ImageShape = images ? new ImageShape(1, Side, Side) : null,
        Ways = 3,
        QueriesPerClass = 2,
        Episodes = episodes,
        Filters = 4,
        Blocks = 2,
        HiddenUnits = [8],
        EmbeddingSize = 5,
        EmbeddingColumnName = "Embedding",
    };

    // Every class has a centre of its own, and noise as large as the distances between them.
    private static MemoryView Examples(int size)
    {
        var random = new Random(7);
        float[][] centres = [.. Enumerable.Range(0, Classes).Select(_ => Draw())];
        uint[] labels = [.. Enumerable.Range(0, Rows).Select(row => (uint)(row % Classes) + 1)];
        return new MemoryView(
        [
            MemoryColumn.Vectors("Features", [.. labels.Select(label => centres[label - 1].Zip(Draw(), (centre, noise) => centre + noise).ToArray())]),
            MemoryColumn.Keys("Label", labels, "ash", "beech", "cedar", "oak"),
        ]);

        float[] Draw() => [.. Enumerable.Range(0, size).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
