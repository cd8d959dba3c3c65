using Microsoft.ML;
using MLNet.Papers.CoVe;
using MLNet.Papers.Interop;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.CoVe;
using MLNet.Papers.Tests.Elmo;
using MLNet.Papers.Tests.Networks;

namespace MLNet.Papers.Tests.Onnx;

/// <summary>Every kind of network and layer with random weights, in the runtime against our own scoring.</summary>
[TestClass]
public sealed class OnnxNetworkTests
{
    private const int Rows = 5;

    public static IEnumerable<object[]> Embeddings => Network.Kinds.Keys.Select(name => new object[] { name });

    private static (string Name, ImageShape Input, Layer[] Layers)[] Stacks { get; } =
    [
        ("convolutions with strides", new ImageShape(2, 9, 7),
            [new Convolution(3, 3, 2), new Rectifier(), new Convolution(4, 5, 3), new Convolution(2, 1)]),
        ("coordinates", new ImageShape(2, 4, 6),
            [new Convolution(3, 3, 1, Coordinates: true), new Convolution(3, 3, 2, Coordinates: true, WithRadius: true)]),
        ("transposed convolutions", new ImageShape(3, 1, 1),
            [
                new TransposedConvolution(4, 3),
                new Rectifier(),
                new TransposedConvolution(3, 2),
                new TransposedConvolution(2, 5),
                new TransposedConvolution(1, 4),
            ]),
        ("batch normalization", new ImageShape(3, 4, 4), [new Convolution(4, 3), new ChannelNormalization(Normalization.Batch), new MaximumPooling()]),
        ("group normalization", new ImageShape(3, 4, 5), [new Convolution(6, 3), new ChannelNormalization(Normalization.Group, 3), new Rectifier()]),
        (
            "layer normalization", new ImageShape(3, 5, 4),
            [new Convolution(6, 3), new ChannelNormalization(Normalization.Layer), new ChannelNormalization(Normalization.None)]),
        (
            "instance normalization", new ImageShape(4, 5, 5),
            [new ChannelNormalization(Normalization.Instance), new Rectifier(), new MaximumPooling(), new Dense(3)]),
        ("a mean", new ImageShape(3, 5, 4), [new Convolution(4, 3), new GlobalMean(), new Rectifier(), new Dense(6), new Rectifier(), new Dense(2)]),
        (
            "pooling side by side", new ImageShape(2, 5, 4),
            [new Convolution(4, 3), new ParallelLayers(new GlobalMean(), new GlobalMaximum(), new Convolution(1, 3, 16)), new Dense(3)]),
        ("a maximum of each channel", new ImageShape(1, 5, 4), [new Convolution(4, 3), new GlobalMaximum()]),
        ("a tile and a softmax", new ImageShape(2, 1, 1),
            [new Tile(4, 3), new Convolution(3, 1, Coordinates: true), new Convolution(1, 1), new PixelSoftmax(), new Convolution(2, 3)]),
        ("images after a linear layer", new ImageShape(5, 1, 1), [new Rectifier(), new Dense(4), new Rectifier(), new Tile(2, 2), new Convolution(3, 3)]),
        ("functions of a value", new ImageShape(2, 4, 4),
            [
                new Convolution(3, 3),
                new LeakyRectifier(0.2),
                new Gelu(),
                new Gelu(IsApproximate: true),
                new HyperbolicTangent(),
                new Swish(),
                new Sigmoid(),
                new DropoutLayer(0.5),
            ]),
        ("larger images", new ImageShape(2, 4, 5),
            [
                new DilatedConvolution(3, 3, 2),
                new NearestUpsampling(3),
                new Residual(new Convolution(3, 3), new Gelu(), new Convolution(3, 1)),
                new LayerNormalization(),
            ]),
        ("a transformer", new ImageShape(1, 6, 1),
            [
                new TokenEmbedding(5, 8), new Positions(AreLearned: false), new Positions(AreLearned: true),
                new Residual(new LayerNormalization(), new Attention(2)),
                new Attention(4, IsCausal: true, Window: 2), new Residual(new LayerNormalization(), new Convolution(8, 1), new Gelu()),
                new CausalConvolution(4, 3, 2),
            ]),
        ("recurrent layers", new ImageShape(3, 6, 1), [new Layers.Janet(2, 4), new Gru(1, 5), new Lstm(2, 6), new Lstm(1, 7, 3, 0.4, 0.2), new Gru(2, 2)]),
        ("a trellis", new ImageShape(3, 6, 1), [new Trellis(3, 4, 4, 2, [1, 2, 4])]),
        (
            "characters", new ImageShape(7, 1, 1),
            [new CharacterFilters(20, 3, [1, 2, 4], [3, 5, 2]), new HyperbolicTangent(), new Highway(), new Highway(), new Dense(4)]),
        ("a linear layer over pixels", new ImageShape(2, 3, 3), [new Rectifier(), new Dense(4), new PixelSoftmax()]),
        ("an image behind a linear layer", new ImageShape(5, 1, 1), [new Dense(12), new Reshaping(3, 2, 2), new Convolution(2, 3)]),
    ];

    private static (string Name, PublishedShape Shape, ElmoOutputOptions Options)[] LanguageModels { get; } =
    [
        ("clips and a projection", new PublishedShape(), new ElmoOutputOptions { TokenVectorsColumnName = "Vectors" }),
        ("one layer, tanh", new PublishedShape { Layers = 1, Activation = "tanh" },
            new ElmoOutputOptions { Representation = ElmoRepresentation.AllLayers, Pooling = Pooling.FirstLast }),
        ("three layers, no skips", new PublishedShape { Layers = 3, Skip = false, Highways = 0 },
            new ElmoOutputOptions { MixWeights = [0.5f, -1, 2, 0], Pooling = Pooling.Max }),
        ("the first token", new PublishedShape(), new ElmoOutputOptions { Pooling = Pooling.First }),
        ("nothing projected", new PublishedShape { Projection = 10, Cells = 10, Clip = 0.1 },
            new ElmoOutputOptions { Representation = ElmoRepresentation.AllLayers, TokenVectorsColumnName = "Vectors" }),
    ];

    public static IEnumerable<object[]> StackNames => Stacks.Select(stack => new object[] { stack.Name });

    public static IEnumerable<object[]> LanguageModelNames => LanguageModels.Select(model => new object[] { model.Name });

    public static IEnumerable<object[]> Encoders =>
    [
        ["last layer", 2, new CoVeOutputOptions { TokenVectorsColumnName = "Vectors" }],
        ["first layer, maximum", 2, new CoVeOutputOptions { OutputLayers = CoVeLayers.First, Pooling = Pooling.Max, IncludeWordVectors = false }],
        ["all layers, first and last token", 3,
            new CoVeOutputOptions { OutputLayers = CoVeLayers.All, Pooling = Pooling.FirstLast, TokenVectorsColumnName = "Vectors" }],
        ["one layer alone", 1, new CoVeOutputOptions { IncludeWordVectors = false }],
    ];

    [TestMethod, DynamicData(nameof(Embeddings))]
    public void An_embedding_is_that_of_the_graph(string kind)
    {
        EmbeddingArchitecture architecture = Network.Kinds[kind];
        using LayeredModule module = Network.Random(architecture);
        NetworkWeights weights = NetworkWeights.Of(architecture, module);
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, weights, TorchDevice.Cpu);
        AssertSame(scorer, architecture, (graph, rows) => architecture.ToOnnx(graph, rows, weights));
    }

    [TestMethod, DynamicData(nameof(StackNames))]
    public void A_stack_of_layers_is_that_of_the_graph(string name)
    {
        (_, ImageShape input, Layer[] layers) = Stacks.Single(stack => stack.Name == name);
        LayeredArchitecture architecture = new() { Input = input, Layers = layers };
        Assert.IsNull(architecture.FindFault(), name);
        var random = new Random(3);
        NetworkWeights weights = NetworkWeights.Of(architecture, architecture.Weights().ToDictionary(weight => weight.Name, weight =>
            Enumerable.Range(0, (int)weight.Shape.Aggregate((product, length) => product * length))
                .Select(_ => weight.Name.EndsWith("running_var", StringComparison.Ordinal) ? random.NextSingle() + 0.2f : (random.NextSingle() * 2) - 1)
                    .ToArray()));
        using EmbeddingScorer scorer = EmbeddingScorer.Create(architecture, weights, TorchDevice.Cpu);
        AssertSame(scorer, architecture, (graph, rows) => architecture.ToOnnx(graph, rows, weights));
    }

    [TestMethod]
    public void Every_kind_of_layer_and_normalization_is_in_a_stack()
    {
        Layer[] layers = [.. Stacks.SelectMany(stack => stack.Layers)];
        CollectionAssert.IsSubsetOf(
            typeof(Layer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract).ToArray(),
            layers.Select(layer => layer.GetType()).ToArray());
        CollectionAssert.IsSubsetOf(Enum.GetValues<Normalization>(), layers.OfType<ChannelNormalization>()
            .Select(layer => layer.Normalization).ToArray());
    }

    [TestMethod, DynamicData(nameof(LanguageModelNames))]
    public void A_language_model_is_that_of_the_graph(string name)
    {
        (_, PublishedShape shape, ElmoOutputOptions options) = LanguageModels.Single(found => found.Name == name);
        var ml = new MLContext(seed: 1);
        using PublishedFiles files = PublishedFiles.Make(shape);
        MemoryView texts = Texts();
        using ElmoTransformer elmo = ml.Transforms.Text.ApplyElmo("Features", "Text", files.OptionsPath, files.WeightsPath, options).Fit(texts);
        using var model = new OnnxModel(elmo);
        OnnxChecks.AssertSame(elmo, model, texts, name);
    }

    [TestMethod, DynamicData(nameof(Encoders))]
    public void An_encoder_is_that_of_the_graph(string name, int layers, CoVeOutputOptions options)
    {
        using var network = new SmallTranslator(layers);
        using var cove = new CoVeTransformer(Host.EnvironmentOf(new MLContext(seed: 1).Transforms),
            new(CoVeOutputs.Of("Features", "Text", options), network.Encoder, null));
        using var model = new OnnxModel(cove);
        OnnxChecks.AssertSame(cove, model, Texts(), name);
    }

    // Of different lengths, one without tokens.
    private static MemoryView Texts() => new([MemoryColumn.Texts("Text",
        ["the cat sat", "", "naïve", "a-token-that-is-much-too-long-for-the-network the end", "one two three four five six seven", "日本 . ."])]);

    private static void AssertSame(EmbeddingScorer scorer, INetworkArchitecture architecture, Func<OnnxGraph, OnnxValue, OnnxValue> network)
    {
        var graph = new OnnxGraph();
        graph.Output("Output", network(graph, graph.Input("Input", OnnxType.Single, OnnxGraph.Batch, architecture.InputSize)), OnnxGraph.Batch,
            architecture.OutputSize);
        float[] rows = Network.Rows(Rows, architecture.InputSize), expected = new float[Rows * architecture.OutputSize];
        scorer.Embed(rows, Rows, expected);
        using var model = new OnnxModel(graph);
        var input = new OnnxTensors("Input", rows, [Rows, architecture.InputSize]);
        Network.AssertClose(expected, (float[])model.Score([input])["Output"].Values, 1e-5);
        Network.AssertClose(expected[..architecture.OutputSize], (float[])model.Score([input.Take(0, 1)])["Output"].Values, 1e-5);
    }
}
