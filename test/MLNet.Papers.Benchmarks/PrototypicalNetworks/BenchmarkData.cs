using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Benchmarks.PrototypicalNetworks;

/// <summary>Random rows of 784 values in 20 classes: speed does not depend on what they show.</summary>
internal static class BenchmarkData
{
    public const int Size = 784;
    public const int Classes = 20;

    public static ImageShape Image { get; } = new(1, 28, 28);

    public static LabelledRow[] Rows(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(row => new LabelledRow { Label = (uint)(row % Classes), Features = Draw(random) })];
    }

    public static IDataView View(MLContext ml, LabelledRow[] rows) => ml.Data.LoadFromEnumerable(rows);

    public static PrototypicalNetworkTransformer Fit(MLContext ml, PrototypicalNetworkOptions options) =>
        ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: options).Fit(View(ml, Rows(400)));

    public static PrototypicalNetworkOptions Perceptron(int episodes = 1) => new() { Episodes = episodes, LearningRate = 1e-4 };

    public static PrototypicalNetworkOptions Convolution(int episodes = 1) => new() { ImageShape = Image, Episodes = episodes, LearningRate = 1e-4 };

    private static float[] Draw(Random random)
    {
        float[] values = new float[Size];
        for (int i = 0; i < Size; i++)
            values[i] = random.NextSingle();
        return values;
    }
}

internal sealed class LabelledRow
{
    [KeyType(BenchmarkData.Classes)]
    public uint Label { get; set; }

    [VectorType(BenchmarkData.Size)]
    public float[] Features { get; set; } = [];
}

internal sealed class ScoredRow
{
    public uint PredictedLabel { get; set; }

    [VectorType(BenchmarkData.Classes)]
    public float[] Score { get; set; } = [];
}
