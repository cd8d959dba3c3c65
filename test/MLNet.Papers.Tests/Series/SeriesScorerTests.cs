using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Series;
using MLNet.Papers.Tests.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Series;

/// <summary>The kernels of a CPU and torch, which scores on a GPU, say the same of series of any length.</summary>
[TestClass]
public sealed class SeriesScorerTests : TensorTests
{
    public static IEnumerable<object[]> Networks =>
    [
        ["one layer", 2, 0, new Layer[] { new Layers.Janet(1, 7) }],
        ["two kinds of layer", 1, 0, new Layer[] { new Lstm(1, 5), new Layers.Janet(1, 4) }],
        ["a trellis", 2, 0, new Layer[] { new Trellis(3, 4, 4, 2, [1, 2, 4]) }],
        ["a trellis between recurrent layers", 2, 0, new Layer[] { new Gru(1, 3), new Trellis(0, 4, 2, 3, [2]), new Lstm(1, 3, 2) }],
        ["keys", 1, 6, new Layer[] { new Layers.Janet(1, 4) }],
    ];

    [TestMethod, DynamicData(nameof(Networks))]
    public void Kernels_and_torch_say_the_same(string name, int channels, int symbols, object layers)
    {
        var architecture = new SeriesArchitecture
        {
            Channels = channels,
            Symbols = symbols,
            EmbeddingSize = symbols > 0 ? 3 : 0,
            Layers = (Layer[])layers,
            Outputs = 2,
        };
        Assert.IsNull(architecture.FindFault(), name);
        var random = new Random(2);
        float[] Draw(long count) => [.. Enumerable.Range(0, (int)count).Select(_ => random.NextSingle() - 0.5f)];
        NetworkWeights weights = NetworkWeights.Of(architecture, architecture.Weights().ToDictionary(
            weight => weight.Name, weight => Draw(weight.Shape.Aggregate((product, length) => product * length))));
        int[] lengths = [3, 0, 41, 1, 17, 3];
        float[][] rows = [.. lengths.Select(length => Enumerable.Range(0, length * channels)
            .Select(_ => symbols > 0 ? random.Next(symbols + 1) : random.NextSingle() - 0.5f).ToArray())];
        using SeriesScorer kernels = SeriesScorer.Create(architecture, weights, TorchDevice.Cpu), torch = new TorchSeriesScorer(architecture, weights, CPU);
        float[] expected = Score(torch, channels, rows), actual = Score(kernels, channels, rows);
        Network.AssertClose(expected, actual, 1e-5, name);
        for (int row = 0; row < rows.Length; row++)
            CollectionAssert.AreEqual(actual[(2 * row)..((2 * row) + 2)], Score(kernels, channels, rows[row]), $"{name}: row {row} alone");

        // Nothing is known of an empty series: the bias of the linear layer.
        Network.AssertClose(weights["head.bias"], actual[2..4], 1e-6, name);
    }

    private static float[] Score(SeriesScorer scorer, int channels, params float[][] rows)
    {
        int[] starts = new int[rows.Length + 1];
        for (int row = 0; row < rows.Length; row++)
            starts[row + 1] = starts[row] + rows[row].Length;
        float[] outputs = new float[2 * rows.Length];
        scorer.Score(new SeriesBatch([.. rows.SelectMany(row => row)], starts, channels), rows.Length, outputs);
        return outputs;
    }
}
