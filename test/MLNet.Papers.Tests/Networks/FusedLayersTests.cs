using MLNet.Papers.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Networks;

/// <summary>Fused layers against the module that was trained.</summary>
[TestClass]
public sealed class FusedLayersTests
{
    public static IEnumerable<object[]> Fused =>
    [
        ["a linear layer", new ImageShape(7, 1, 1), new[] { Layer.Dense(3) }],
        ["a perceptron", new ImageShape(37, 1, 1), new[] { Layer.Dense(50), Layer.Rectifier, Layer.Dense(17), Layer.Rectifier, Layer.Dense(5) }],
        ["a convolution", new ImageShape(1, 9, 6), new[] { Layer.Convolution(6, 3), Layer.Maximum, Layer.Rectifier, Layer.Dense(4) }],
        [
            "two convolutions with coordinates, radius and batch normalization",
            new ImageShape(3, 12, 10),
            new[]
            {
                Layer.Convolution(6, 3, coordinates: true, withRadius: true), Layer.Normalize(Normalization.Batch), Layer.Maximum, Layer.Rectifier,
                Layer.Convolution(20, 3), Layer.Normalize(Normalization.Batch), Layer.Maximum, Layer.Rectifier, Layer.Dense(9), Layer.Rectifier, Layer.Dense(4),
            },
        ],
    ];

    public static IEnumerable<object[]> Others =>
    [
        ["group normalization", new[] { Layer.Convolution(4, 3), Layer.Normalize(Normalization.Group, 2), Layer.Maximum, Layer.Rectifier, Layer.Dense(4) }],
        ["a window of 5", new[] { Layer.Convolution(4, 5), Layer.Maximum, Layer.Rectifier, Layer.Dense(4) }],
        ["a stride", new[] { Layer.Convolution(4, 3, 2), Layer.Maximum, Layer.Rectifier, Layer.Dense(4) }],
        ["no maximum", new[] { Layer.Convolution(4, 3), Layer.Rectifier, Layer.Dense(4) }],
        ["a mean", new[] { Layer.Convolution(4, 3), Layer.Maximum, Layer.Rectifier, Layer.GlobalMean, Layer.Dense(4) }],
        ["a convolution at the end", new[] { Layer.Convolution(4, 3), Layer.Maximum, Layer.Rectifier }],
        ["two linear layers without a rectifier", new[] { Layer.Dense(4), Layer.Dense(4) }],
        ["a rectifier at the end", new[] { Layer.Dense(4), Layer.Rectifier }],
        ["coordinates in the second convolution", new[] { Layer.Convolution(4, 3), Layer.Maximum, Layer.Rectifier,
            Layer.Convolution(4, 3, coordinates: true), Layer.Maximum, Layer.Rectifier, Layer.Dense(4) }],
    ];

    [TestMethod, DynamicData(nameof(Fused))]
    public void Fused_layers_give_what_the_module_gives(string name, ImageShape input, object layers)
    {
        var architecture = new LayeredArchitecture { Input = input, Layers = (Layer[])layers };
        NetworkWeights weights = Weights(architecture);
        using FusedLayersScorer? fused = FusedLayersScorer.TryCreate(architecture, weights);
        Assert.IsNotNull(fused, name);
        using var module = new ModuleScorer(architecture, () => new LayeredModule(architecture), weights, CPU);
        const int Rows = 70;
        var random = new Random(2);
        float[] rows = [.. Enumerable.Range(0, Rows * input.Size).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        float[] expected = new float[Rows * architecture.OutputSize], actual = new float[expected.Length];
        module.Embed(rows, Rows, expected);
        foreach (int count in new[] { 1, 3, 4, Rows })
        {
            fused.Embed(rows, count, actual);
            for (int i = 0; i < count * architecture.OutputSize; i++)
                Assert.AreEqual(expected[i], actual[i], 1e-5 * Math.Max(1, Math.Abs(expected[i])), $"{name}, {count} rows, value {i}");
        }
    }

    [TestMethod, DynamicData(nameof(Others))]
    public void Other_layers_are_left_to_torch(string name, object layers)
    {
        var architecture = new LayeredArchitecture { Input = new(1, 8, 8), Layers = (Layer[])layers };
        Assert.IsNull(architecture.FindFault());
        NetworkWeights weights = Weights(architecture);
        Assert.IsNull(FusedLayersScorer.TryCreate(architecture, weights), name);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, weights, TorchDevice.Cpu);
        Assert.IsInstanceOfType<ModuleScorer>(scorer);
    }

    // Statistics of batch normalization that are not those of a fresh network.
    private static NetworkWeights Weights(LayeredArchitecture architecture)
    {
        using DisposeScope scope = NewDisposeScope();
        using var random = new InitialWeights(4);
        using var module = new LayeredModule(architecture);
        module.train();
        using (no_grad())
        {
            for (int i = 0; i < 20; i++)
                module.forward(randn(16, architecture.InputSize) + 0.5);
        }

        return NetworkWeights.Of(architecture, module);
    }
}
