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
                new Convolution(6, 3, Coordinates: true, WithRadius: true), new ChannelNormalization(Normalization.Batch), new MaximumPooling(),
                new Rectifier(),
                new Convolution(20, 3), new ChannelNormalization(Normalization.Batch), new MaximumPooling(), new Rectifier(), new Dense(9), new Rectifier(),
                new Dense(4),
            },
        ],
        ["filters for whole and half tiles, an odd number of pixels", new ImageShape(3, 15, 14), new Layer[]
        {
            new Convolution(72, 3), new MaximumPooling(), new Rectifier(), new Convolution(130, 3), new MaximumPooling(), new Rectifier(),
            new Convolution(40, 3), new MaximumPooling(), new Rectifier(),
        }],
        ["strides over lines longer than a register", new ImageShape(2, 9, 67), new Layer[]
        {
            new Convolution(6, 3, 2), new Rectifier(), new TransposedConvolution(3, 3), new Residual(new Convolution(3, 5)), new Rectifier(),
        }],
        ["a mean", new ImageShape(1, 8, 8), new Layer[] { new Convolution(4, 3), new MaximumPooling(), new Rectifier(), new GlobalMean(), new Dense(4) }],
        ["a convolution at the end", new ImageShape(1, 8, 8), new Layer[] { new Convolution(4, 3), new MaximumPooling(), new Rectifier() }],
        [
            "the rectifier before the maximum",
            new ImageShape(1, 8, 9),
            new Layer[] { new Convolution(4, 3), new ChannelNormalization(Normalization.Batch), new Rectifier(), new MaximumPooling() },
        ],
        ["two linear layers without a rectifier", new ImageShape(1, 8, 8), new Layer[] { new Dense(4), new Dense(4) }],
        ["a rectifier at the end", new ImageShape(1, 8, 8), new Layer[] { new Dense(4), new Rectifier() }],
        [
            "a rectifier and a maximum alone",
            new ImageShape(2, 5, 7),
            new Layer[] { new Rectifier(), new MaximumPooling(), new GlobalMaximum(), new Tile(2, 3), new PixelSoftmax() },
        ],
        [
            "coordinates in the second convolution",
            new ImageShape(1, 8, 8),
            new Layer[]
            {
                new Convolution(4, 3),
                new MaximumPooling(),
                new Rectifier(),
                new Convolution(4, 3, Coordinates: true),
                new MaximumPooling(),
                new Rectifier(),
                new Dense(4),
            },
        ],
        [
            "parts side by side",
            new ImageShape(2, 9, 8),
            new Layer[] { new ParallelLayers(new GlobalMean(), new GlobalMaximum()), new Dense(5), new Rectifier() },
        ],
        [
            "group normalization",
            new ImageShape(1, 8, 8),
            new Layer[] { new Convolution(4, 3), new ChannelNormalization(Normalization.Group, 2), new MaximumPooling(), new Rectifier(), new Dense(4) },
        ],
        ["a window of 5", new ImageShape(1, 8, 8), new Layer[] { new Convolution(4, 5), new MaximumPooling(), new Rectifier(), new Dense(4) }],
        ["a stride", new ImageShape(1, 8, 8), new Layer[] { new Convolution(4, 3, 2), new MaximumPooling(), new Rectifier(), new Dense(4) }],
        ["no maximum", new ImageShape(1, 8, 8), new Layer[] { new Convolution(4, 3), new Rectifier(), new Dense(4) }],
        ["nothing after a convolution", new ImageShape(1, 8, 8), new Layer[] { new Convolution(4, 3), new MaximumPooling(), new Dense(4) }],
        [
            "normalization after the maximum",
            new ImageShape(1, 8, 8),
            new Layer[] { new Convolution(4, 3), new MaximumPooling(), new ChannelNormalization(Normalization.Batch), new Rectifier() },
        ],
        ["a part without a maximum", new ImageShape(1, 8, 8), new Layer[] { new ParallelLayers(new Convolution(4, 3), new Rectifier()) }],
        [
            "a transformer",
            new ImageShape(1, 37, 1),
            new Layer[]
            {
                new TokenEmbedding(7, 12), new Positions(AreLearned: false),
                new Residual(new LayerNormalization(), new Attention(3)),
                new Residual(new LayerNormalization(), new Convolution(24, 1), new Gelu(), new Convolution(12, 1)),
                new GlobalMean(), new Dense(5),
            },
        ],
        ["attention beyond a block", new ImageShape(8, 131, 1), new Layer[] { new Attention(2) }],
        ["causal attention beyond a block", new ImageShape(8, 131, 1), new Layer[] { new Attention(4, IsCausal: true) }],
        ["local attention beyond a block", new ImageShape(8, 131, 1), new Layer[] { new Attention(1, Window: 5) }],
        ["causal and local attention beyond a block", new ImageShape(6, 203, 1), new Layer[] { new Attention(2, IsCausal: true, Window: 70) }],
        ["causal convolutions", new ImageShape(3, 90, 1), new Layer[] { new CausalConvolution(6, 2, 1), new Rectifier(), new CausalConvolution(5, 3, 40) }],
        [
            "a residual network",
            new ImageShape(3, 21, 18),
            new Layer[]
            {
                new Convolution(8, 3), new ChannelNormalization(Normalization.Batch), new Rectifier(),
                new Residual(
                    new Convolution(8, 3), new ChannelNormalization(Normalization.Group, 4), new Rectifier(), new Convolution(8, 3),
                    new ChannelNormalization(Normalization.Batch)),
                new Rectifier(), new Residual(new ParallelLayers(new Convolution(5, 1), new DilatedConvolution(3, 3, 3))), new Convolution(9, 3, 2),
                new GlobalMean(),
                new Residual(new Dense(9), new Rectifier(), new Dense(9)), new Rectifier(), new Dense(4),
            },
        ],
        ["a residual block with a fused convolution", new ImageShape(1, 8, 8), new Layer[]
        {
            new Residual(new Convolution(4, 3), new MaximumPooling(), new Rectifier(), new TransposedConvolution(1, 3)), new GlobalMaximum(),
        }],
        ["strides that leave nothing of a kernel's " +
            "planes", new ImageShape(2, 2, 7), new Layer[] { new Convolution(3, 3, 4), new Rectifier(), new Convolution(5, 5, 3) }],
        [
            "wide strides with coordinates",
            new ImageShape(3, 40, 37),
            new Layer[] { new Convolution(7, 5, 3, Coordinates: true), new Rectifier(), new MaximumPooling() },
        ],
        ["deconvolutions from a pixel", new ImageShape(2, 1, 1), new Layer[]
        {
            new TransposedConvolution(20, 3), new ChannelNormalization(Normalization.Batch), new Rectifier(), new TransposedConvolution(9, 3),
            new ChannelNormalization(Normalization.Instance), new Rectifier(), new TransposedConvolution(8, 4, 4), new Rectifier(),
            new TransposedConvolution(1, 3),
        }],
        ["a painter", new ImageShape(2, 1, 1), new Layer[]
        {
            new Tile(12, 11), new Convolution(6, 1, Coordinates: true), new Rectifier(), new Convolution(1, 1), new PixelSoftmax(), new Convolution(8, 3),
            new Rectifier(), new Convolution(1, 3),
        }],
        [
            "normalization first",
            new ImageShape(4, 5, 6),
            new Layer[] { new ChannelNormalization(Normalization.Batch), new NearestUpsampling(), new LayerNormalization() },
        ],
        ["a deconvolution with batch normalization", new ImageShape(20, 2, 2), new Layer[]
        {
            new TransposedConvolution(9, 3), new ChannelNormalization(Normalization.Batch), new Rectifier(),
        }],
        ["nothing", new ImageShape(4, 5, 6), new Layer[] { new ChannelNormalization(Normalization.None) }],
        ["a transposed convolution", new ImageShape(1, 8, 8), new Layer[] { new TransposedConvolution(2, 3), new Rectifier() }],
    ];

    [TestMethod]
    public void Rows_that_need_much_memory_use_it_again()
    {
        const int Side = 2100;
        var network = new LayeredArchitecture { Input = new(1, Side, Side), Layers = [new Convolution(4, 3), new GlobalMean()] };
        NetworkWeights weights = NetworkWeights.Of(network, network.Weights().ToDictionary(
            weight => weight.Name, weight => new float[weight.Shape.Aggregate(1L, (product, length) => product * length)]));
        RowsKernel kernel = network.Plan(weights).Build();
        float[] row = new float[Side * Side], output = new float[4];
        kernel(row, 1, output);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 3; i++)
            kernel(row, 1, output);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsLessThan(8 << 20, allocated, "Three more rows of 70 MB of working memory.");
    }

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

        float[] alone = new float[architecture.OutputSize];
        fused.Embed(rows[^input.Size..], 1, alone);
        CollectionAssert.AreEqual(actual[^alone.Length..], alone, $"{name}: a row must have the same bits alone as beside others.");
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
