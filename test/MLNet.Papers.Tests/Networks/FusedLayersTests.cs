using MLNet.Papers.Layers;
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
        ["a linear layer", new ImageShape(7, 1, 1), new Layer[] { new Dense(3) }],
        ["a perceptron", new ImageShape(37, 1, 1), new Layer[] { new Dense(50), new Rectifier(), new Dense(17), new Rectifier(), new Dense(5) }],
        ["a convolution", new ImageShape(1, 9, 6), new Layer[] { new Convolution(6, 3), new MaximumPooling(), new Rectifier(), new Dense(4) }],
        [
            "two convolutions with coordinates, radius and batch normalization",
            new ImageShape(3, 12, 10),
            new Layer[]
            {
                new Convolution(6, 3, Coordinates: true, WithRadius: true), new ChannelNormalization(Normalization.Batch), new MaximumPooling(), new Rectifier(),
                new Convolution(20, 3), new ChannelNormalization(Normalization.Batch), new MaximumPooling(), new Rectifier(), new Dense(9), new Rectifier(), new Dense(4),
            },
        ],
        ["a mean", new ImageShape(1, 8, 8), new Layer[] { new Convolution(4, 3), new MaximumPooling(), new Rectifier(), new GlobalMean(), new Dense(4) }],
        ["a convolution at the end", new ImageShape(1, 8, 8), new Layer[] { new Convolution(4, 3), new MaximumPooling(), new Rectifier() }],
        ["the rectifier before the maximum", new ImageShape(1, 8, 9), new Layer[] { new Convolution(4, 3), new ChannelNormalization(Normalization.Batch), new Rectifier(), new MaximumPooling() }],
        ["two linear layers without a rectifier", new ImageShape(1, 8, 8), new Layer[] { new Dense(4), new Dense(4) }],
        ["a rectifier at the end", new ImageShape(1, 8, 8), new Layer[] { new Dense(4), new Rectifier() }],
        ["a rectifier and a maximum alone", new ImageShape(2, 5, 7), new Layer[] { new Rectifier(), new MaximumPooling(), new GlobalMaximum(), new Tile(2, 3), new PixelSoftmax() }],
        [
            "coordinates in the second convolution",
            new ImageShape(1, 8, 8),
            new Layer[] { new Convolution(4, 3), new MaximumPooling(), new Rectifier(), new Convolution(4, 3, Coordinates: true), new MaximumPooling(), new Rectifier(), new Dense(4) },
        ],
        ["parts side by side", new ImageShape(2, 9, 8), new Layer[] { new ParallelLayers(new GlobalMean(), new GlobalMaximum()), new Dense(5), new Rectifier() }],
    ];

    public static IEnumerable<object[]> Others =>
    [
        ["group normalization", new Layer[] { new Convolution(4, 3), new ChannelNormalization(Normalization.Group, 2), new MaximumPooling(), new Rectifier(), new Dense(4) }],
        ["a window of 5", new Layer[] { new Convolution(4, 5), new MaximumPooling(), new Rectifier(), new Dense(4) }],
        ["a stride", new Layer[] { new Convolution(4, 3, 2), new MaximumPooling(), new Rectifier(), new Dense(4) }],
        ["no maximum", new Layer[] { new Convolution(4, 3), new Rectifier(), new Dense(4) }],
        ["nothing after a convolution", new Layer[] { new Convolution(4, 3), new MaximumPooling(), new Dense(4) }],
        ["normalization after the maximum", new Layer[] { new Convolution(4, 3), new MaximumPooling(), new ChannelNormalization(Normalization.Batch), new Rectifier() }],
        ["a part that has no kernel", new Layer[] { new ParallelLayers(new Convolution(4, 3), new Rectifier()) }],
        ["a transposed convolution", new Layer[] { new TransposedConvolution(2, 3), new Rectifier() }],
    ];

    [TestMethod, DynamicData(nameof(Fused))]
    public void Fused_layers_give_what_the_module_gives(string name, ImageShape input, object layers)
    {
        var architecture = new LayeredArchitecture { Input = input, Layers = (Layer[])layers };
        NetworkWeights weights = Weights(architecture);
        using EmbeddingScorer fused = EmbeddingScorer.Create(architecture, weights, TorchDevice.Cpu);
        Assert.IsInstanceOfType<FusedScorer>(fused, name);
        using var module = new TorchScorer(architecture, weights, CPU);
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
        Assert.IsNull(architecture.Plan(), name);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, weights, TorchDevice.Cpu);
        Assert.IsInstanceOfType<TorchScorer>(scorer);
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
