using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Distillation;

/// <summary>Rows of three classes that overlap, and teachers of them.</summary>
internal static class Lessons
{
    public const int Size = 5;

    public static string[] Names { get; } = ["ant", "bee", "cat"];

    /// <summary>The features of rows, class after class in turn.</summary>
    public static float[][] Features(int rows, int size = Size, int seed = 5)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(row =>
            Enumerable.Range(0, size).Select(i => (i % 3 == row % 3 ? 1.5f : 0) + (float)((2 * random.NextDouble()) - 1)).ToArray())];
    }

    /// <summary>Features, and Label as a key.</summary>
    public static MemoryView Rows(int rows = 48, int size = Size, int seed = 5, Func<int, uint>? key = null, string[]? names = null) => new(
    [
        MemoryColumn.Vectors("Features", Features(rows, size, seed)),
        MemoryColumn.Keys("Label", [.. Enumerable.Range(0, rows).Select(row => key is null ? (uint)(1 + (row % 3)) : key(row))], names ?? Names),
    ]);

    /// <summary>A linear classifier that ML.NET trained.</summary>
    public static ITransformer Linear(IDataView rows, int seed = 1) => Linear(rows, "Features", seed);

    /// <summary>The same on another column.</summary>
    public static ITransformer Linear(IDataView rows, string features, int seed = 1) =>
        new MLContext(seed).MulticlassClassification.Trainers.LbfgsMaximumEntropy(featureColumnName: features).Fit(rows);

    /// <summary>A teacher that says the label of each row, with certainty.</summary>
    public static ITransformer Label(IDataView rows) => new MLContext().Transforms.Conversion.MapKeyToVector("Score", "Label").Fit(rows);

    /// <summary>Inputs whose features are missing or of another type.</summary>
    public static IEnumerable<RejectedInput> Rejected(MemoryView rows)
    {
        yield return new("Features", "missing", rows.Without("Features"));
        yield return new("Features", "a text", rows.With(MemoryColumn.Texts("Features", Enumerable.Repeat("1", rows.Count))));
        yield return new("Features", "a vector of Double", rows.With(MemoryColumn.Vectors(
            "Features", NumberDataViewType.Double, [.. Enumerable.Repeat(new VBuffer<double>(2, [1.0, 2.0]), rows.Count)], 2)));
        yield return new("Features", "a vector of unknown length", rows.With(MemoryColumn.Vectors(
            "Features", NumberDataViewType.Single, [.. Enumerable.Repeat(new VBuffer<float>(2, [1f, 2f]), rows.Count)])));
    }
}

/// <summary>Tells when training has begun.</summary>
internal sealed class Begun(Action action) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => action();
}
