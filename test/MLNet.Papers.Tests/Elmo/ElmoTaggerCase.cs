using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>The tagger in the contract: vectors whose three layers are mixed.</summary>
internal sealed class ElmoTaggerCase : IEstimatorCase<ElmoTaggerTrainer>
{
    private const int Rows = 20;
    private const int Size = 6;

    public TechniqueOptions SmallestOptions() => new ElmoTaggerOptions { Layers = 3, Epochs = 3 };

    public TechniqueOptions EndlessOptions(Action started) =>
        new ElmoTaggerOptions { Layers = 3, Epochs = int.MaxValue, TimeLimit = TimeSpan.FromSeconds(30), Progress = new ProgressList(_ => started()) };

    public IEstimator<ITransformer> Create(MLContext ml, TechniqueOptions? options) =>
        ml.MulticlassClassification.Trainers.ElmoTagger("Tags", "Vectors", (ElmoTaggerOptions?)options);

    public IDataView Data(MLContext ml) => new MemoryView([Vectors(), Tags()]);

    public IEnumerable<RejectedInput> Rejected(MLContext ml)
    {
        MemoryView rows = MemoryView.Of(Data(ml));
        yield return new("Vectors", "missing", rows.Without("Vectors"));
        yield return new("Vectors", "a number", rows.With(MemoryColumn.Values("Vectors", NumberDataViewType.Single, new float[Rows])));
        yield return new("Tags", "missing", rows.Without("Tags"), RejectedBy.Estimator);
        yield return new("Tags", "a single key", rows.With(MemoryColumn.Keys("Tags", [.. Enumerable.Repeat(1u, Rows)], "a")), RejectedBy.Estimator);
        yield return new(
            "Tags", "times", rows.With(MemoryColumn.Vectors("Tags", DateTimeDataViewType.Instance, new VBuffer<DateTime>[Rows])), RejectedBy.Estimator);
    }

    private static int Tokens(int row) => 1 + (row % 4);

    private static MemoryColumn Vectors()
    {
        var random = new Random(4);
        return MemoryColumn.Vectors("Vectors", NumberDataViewType.Single, [.. Enumerable.Range(0, Rows).Select(row =>
        {
            float[] values = [.. Enumerable.Range(0, Tokens(row) * Size).Select(i => (float)random.NextDouble() + (((row + (i / Size)) % 2) * (i % Size)))];
            return new VBuffer<float>(values.Length, values);
        })]);
    }

    private static MemoryColumn Tags() => MemoryColumn.Vectors("Tags", new KeyDataViewType(typeof(uint), 2), [.. Enumerable.Range(0, Rows).Select(row =>
    {
        uint[] keys = [.. Enumerable.Range(0, Tokens(row)).Select(token => (uint)((row + token) % 2) + 1)];
        return new VBuffer<uint>(keys.Length, keys);
    })]);
}
