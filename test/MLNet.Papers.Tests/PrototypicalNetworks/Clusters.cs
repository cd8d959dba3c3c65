using Microsoft.ML;
using MLNet.Papers.Tests.Scoring;

namespace MLNet.Papers.Tests.PrototypicalNetworks;

/// <summary>Generated rows that belong to classes.</summary>
internal static class Clusters
{
    /// <summary>Class k lies around a centre of its own; a key with the values class0, class1, ... as Label, and Features.</summary>
    /// <param name="classes">The number of classes.</param>
    /// <param name="rows">Rows of each class, which come in turn.</param>
    /// <param name="size">The length of a row.</param>
    /// <param name="seed">Seed of centres and rows.</param>
    /// <param name="spread">Standard deviation around a centre; the centres have 1.</param>
    public static HandWrittenView Keyed(int classes, int rows, int size, int seed = 1, double spread = 0.05) => new(
        HandWrittenColumn.Vectors("Features", Features(classes, rows, size, seed, spread)),
        HandWrittenColumn.Keys(
            "Label", [.. Labels(classes, rows).Select(index => (uint)index + 1)], [.. Enumerable.Range(0, classes).Select(index => $"class{index}")]));

    /// <summary>The class of each row.</summary>
    public static int[] Labels(int classes, int rows) => [.. Enumerable.Range(0, classes * rows).Select(row => row % classes)];

    public static float[][] Features(int classes, int rows, int size, int seed = 1, double spread = 0.05)
    {
        var random = new Random(seed);
        double[][] centres = [.. Enumerable.Range(0, classes).Select(_ => Normals(size))];
        return [.. Labels(classes, rows).Select(index => centres[index].Zip(Normals(size), (centre, noise) => (float)(centre + (spread * noise))).ToArray())];

        double[] Normals(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Normal())];
    }

    /// <summary>Options that fit in a few milliseconds.</summary>
    public static PrototypicalNetworkOptions Quick(int episodes = 20) =>
        new() { HiddenUnits = [8], EmbeddingSize = 4, Episodes = episodes, Ways = 5, Shots = 1, QueriesPerClass = 3, LearningRate = 0.01 };

    public static PrototypicalNetworkTransformer Fit(MLContext ml, IDataView data, PrototypicalNetworkOptions? options = null) =>
        ml.MulticlassClassification.Trainers.PrototypicalNetwork(options: options ?? Quick()).Fit(data);

    /// <summary>Saves a model and loads it into a new context.</summary>
    public static PrototypicalNetworkTransformer Reload(ITransformer model)
    {
        using var stream = new MemoryStream();
        new MLContext().Model.Save(model, inputSchema: null, stream);
        stream.Position = 0;
        return (PrototypicalNetworkTransformer)new MLContext().Model.Load(stream, out _);
    }
}
