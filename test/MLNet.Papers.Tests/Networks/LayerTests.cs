using System.Text;
using System.Text.Json;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Onnx;
using MLNet.Papers.Persistence;
using MLNet.Papers.Scoring;
using MLNet.Papers.Tests.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Networks;

/// <summary>Every kind of layer, found by reflection: its forms say the same, and it says the truth about itself.</summary>
[TestClass]
public sealed class LayerTests : TensorTests
{
    private const int Draws = 6;
    private const int Rows = 5;

    // Layers of a kind, drawn at random, and shapes that they fit.
    private static readonly Dictionary<Type, Func<Random, (ImageShape Input, Layer Layer)>> Samples = new()
    {
        [typeof(Convolution)] = random => (Image(random), new Convolution(random.Next(1, 9), (2 * random.Next(3)) + 1, random.Next(1, 4), random.Next(2) == 0,
            random.Next(2) == 0)),
        [typeof(TransposedConvolution)] = random => (Image(random), Transposed(random.Next(1, 9), random.Next(2, 4), random.Next(3))),
        [typeof(ChannelNormalization)] = random => (Image(random) with { Channels = 6 },
            new ChannelNormalization(Enum.GetValues<Normalization>()[random.Next(5)], random.Next(1, 4))),
        [typeof(Rectifier)] = random => (Image(random), new Rectifier()),
        [typeof(MaximumPooling)] = random => (Image(random), new MaximumPooling()),
        [typeof(Tile)] = random => (new(random.Next(1, 7), 1, 1), new Tile(random.Next(1, 6), random.Next(1, 6))),
        [typeof(Reshaping)] = random => (new(12, 1, 1), random.Next(2) == 0 ? new Reshaping(3, 2, 2) : new Reshaping(2, 6, 1)),
        [typeof(GlobalMean)] = random => (Image(random), new GlobalMean()),
        [typeof(GlobalMaximum)] = random => (Image(random), new GlobalMaximum()),
        [typeof(PixelSoftmax)] = random => (Image(random), new PixelSoftmax()),
        [typeof(Dense)] = random => (Image(random), new Dense(random.Next(1, 40))),
        [typeof(Residual)] = random => (Image(random), new Residual(new ChannelNormalization(Normalization.Batch), new Rectifier())),
        [typeof(LayerNormalization)] = random => (Image(random) with { Channels = random.Next(2, 6) }, new LayerNormalization()),
        [typeof(Gelu)] = random => (Image(random), new Gelu(random.Next(2) == 0)),
        [typeof(LeakyRectifier)] = random => (Image(random), new LeakyRectifier(random.Next(1, 9) / 10.0)),
        [typeof(HyperbolicTangent)] = random => (Image(random), new HyperbolicTangent()),
        [typeof(Sigmoid)] = random => (Image(random), new Sigmoid()),
        [typeof(Swish)] = random => (Image(random), new Swish()),
        [typeof(DropoutLayer)] = random => (Image(random), new DropoutLayer(0.4)),
        [typeof(NearestUpsampling)] = random => (Image(random), new NearestUpsampling(random.Next(1, 4))),
        [typeof(CausalConvolution)] = random => (Sequence(random, random.Next(1, 5)), new CausalConvolution(random.Next(1, 9), random.Next(1, 4),
            random.Next(1, 4))),
        [typeof(DilatedConvolution)] = random => (Image(random), new DilatedConvolution(random.Next(1, 9), (2 * random.Next(3)) + 1, random.Next(1, 4),
            random.Next(1, 4))),
        [typeof(TokenEmbedding)] = random => (Sequence(random, 1), new TokenEmbedding(random.Next(1, 9), random.Next(1, 9))),
        [typeof(Positions)] = random => (Sequence(random, random.Next(1, 7)), new Positions(random.Next(2) == 0)),
        [typeof(Attention)] = random => (Sequence(random, 6), new Attention(random.Next(1, 4), random.Next(2) == 0, random.Next(3))),
        [typeof(Lstm)] = random => (
            Sequence(random, random.Next(1, 7)),
            new Lstm(random.Next(1, 3), random.Next(4, 20), random.Next(2) * 3, random.Next(2) * 0.3, random.Next(2) * 0.2)),
        [typeof(Gru)] = random => (Sequence(random, random.Next(1, 7)), new Gru(random.Next(1, 3), random.Next(1, 20))),
        [typeof(Layers.Janet)] = random => (Sequence(random, random.Next(1, 7)), new Layers.Janet(random.Next(1, 3), random.Next(1, 20), random.Next(3) / 2.0)),
        [typeof(Trellis)] = random => (
            Sequence(random, random.Next(1, 7)),
            new Trellis(random.Next(0, 5), random.Next(1, 9), random.Next(1, 5), random.Next(2, 4), [random.Next(1, 4), random.Next(1, 3)])),
        [typeof(Highway)] = random => (Image(random), new Highway()),
        [typeof(CharacterFilters)] = random => (new(random.Next(4, 9), 1, 1), new CharacterFilters(9, random.Next(1, 5), [1, 3, 2], [random.Next(1, 9), 2, 5])),
        [typeof(ParallelLayers)] = random => (Image(random), new ParallelLayers(
            new Convolution(random.Next(1, 5), 3, Coordinates: true), new Rectifier(), new ParallelLayers(new Convolution(2, 1),
                new ChannelNormalization(Normalization.Batch)))),
    };

    public static IEnumerable<object[]> Kinds =>
        typeof(Layer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract).Select(type => new object[] { type });

    [TestMethod, DynamicData(nameof(Kinds))]
    public void Torch_graph_and_kernels_give_the_same(Type kind)
    {
        foreach (LayeredArchitecture network in Networks(kind))
        {
            NetworkWeights weights = Weights(network);
            float[] rows = Network.Rows(Rows, network.InputSize);
            if (kind == typeof(TokenEmbedding) || kind == typeof(CharacterFilters))
                rows = Array.ConvertAll(rows, value => MathF.Round(5 * (value + 0.9f)));  // also beyond the table
            using var module = new LayeredModule(network);
            weights.CopyTo(network, module);
            module.eval();
            float[] expected = Network.Forward(module, rows, Rows);
            if (expected.All(value => value == 0))
                continue;

            float[] scored = new float[expected.Length];
            using (var torch = new TorchScorer(network, weights, CPU))
                torch.Embed(rows, Rows, scored);
            Network.AssertClose(expected, scored, 1e-6, $"torch: {network.Layers[0]}");

            using (EmbeddingScorer kernels = EmbeddingScorer.Create(network, weights, TorchDevice.Cpu))
            {
                Assert.IsInstanceOfType<FusedScorer>(kernels, $"kernels: {network.Layers[0]}");
                Array.Clear(scored);
                kernels.Embed(rows, Rows, scored);
                Network.AssertClose(expected, scored, 1e-5, $"kernels: {network.Layers[0]}");
                float[] alone = new float[network.OutputSize];
                for (int row = 0; row < Rows; row++)
                {
                    kernels.Embed(rows[(row * network.InputSize)..], 1, alone);
                    CollectionAssert.AreEqual(scored[(row * alone.Length)..((row + 1) * alone.Length)], alone, $"kernels, a row alone: {network.Layers[0]}");
                }
            }

            var graph = new OnnxGraph();
            graph.Output("Output", network.ToOnnx(graph, graph.Input("Input", OnnxType.Single, OnnxGraph.Batch, network.InputSize), weights), OnnxGraph.Batch,
                network.OutputSize);
            using var model = new OnnxModel(graph);
            Network.AssertClose(expected, (float[])model.Score([new OnnxTensors("Input", rows, [Rows, network.InputSize])])["Output"].Values, 1e-5,
                $"graph: {network.Layers[0]}");
        }
    }

    [TestMethod, DynamicData(nameof(Kinds))]
    public void Kernels_take_the_memory_that_was_counted_and_then_none(Type kind)
    {
        // What the runtime takes for pools and bags when they are first used, and the objects of a batch.
        const int First = 1 << 14, Later = 1 << 11;
        foreach (LayeredArchitecture network in Networks(kind))
        {
            using EmbeddingScorer kernels = EmbeddingScorer.Create(network, Weights(network), TorchDevice.Cpu);
            float[] row = new float[network.InputSize], output = new float[network.OutputSize];
            long[] bytes = new long[2];
            for (int i = 0; i < bytes.Length; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                kernels.Embed(row, 1, output);
                bytes[i] = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Assert.IsLessThanOrEqualTo((sizeof(float) * network.WorkingValues()) + First, bytes[0], $"{network.Layers[0]}");
            Assert.IsLessThanOrEqualTo(Later, bytes[1], $"{network.Layers[0]}");
        }
    }

    [TestMethod, DynamicData(nameof(Kinds))]
    public void The_function_of_weights_and_its_gradients_are_those_of_the_module(Type kind)
    {
        foreach (LayeredArchitecture network in Networks(kind))
        {
            using var module = new LayeredModule(network);
            Weights(network).CopyTo(network, module);
            var function = new LayeredFunction(network);
            Tensor[] weights = [.. function.WeightsOf(module).Select(weight => weight.detach().clone().requires_grad_(true))];
            Tensor rows = tensor(Network.Rows(Rows, network.InputSize), [Rows, network.InputSize]).clone().requires_grad_(true),
                other = rows.detach().clone().requires_grad_(true);
            Tensor expected = InTraining(module, rows), actual = function.Forward(other, weights, Rows, Drawn());
            Assert.IsLessThan(1e-5f, (expected - actual).abs().max().item<float>(), $"{network.Layers[0]}");
            expected.sin().sum().backward();
            actual.sin().sum().backward();
            foreach ((Tensor one, Tensor two) in function.WeightsOf(module).Append(rows).Zip(weights.Append(other)))
            {
                if (one.grad is not null || (kind != typeof(TokenEmbedding) && kind != typeof(CharacterFilters)))  // whole numbers have no gradient
                    Assert.IsLessThan(1e-3f, (one.grad! - two.grad!).abs().max().item<float>(), $"{network.Layers[0]}");
            }
        }
    }

    // A layer that is given its input by others may not change it; what may be overwritten is said.
    [TestMethod, DynamicData(nameof(Kinds))]
    public void An_input_is_left_as_it_was(Type kind)
    {
        foreach (LayeredArchitecture network in Networks(kind))
        {
            using var module = new LayeredModule(network);
            Tensor rows = tensor(Network.Rows(Rows, network.InputSize), [Rows, network.InputSize]).clone(), before = rows.clone();
            InTraining(module, rows);
            Assert.AreEqual(0, (rows - before).abs().max().item<float>(), $"{network.Layers[0]}");
        }
    }

    [TestMethod, DynamicData(nameof(Kinds))]
    public void Gradients_flow_where_a_rectifier_overwrites(Type kind)
    {
        foreach (LayeredArchitecture network in Networks(kind).Select(network =>
            network with { Layers = [new Convolution(network.Input.Channels, 1), .. network.Layers, new Rectifier()] }))
        {
            using var module = new LayeredModule(network);
            Tensor rows = tensor(Network.Rows(Rows, network.InputSize), [Rows, network.InputSize]);
            InTraining(module, rows).square().sum().backward();
            Assert.AreEqual(
                kind != typeof(TokenEmbedding) && kind != typeof(CharacterFilters), module.named_parameters().First().parameter.grad is not null,
                $"{network.Layers[1]}");
        }
    }

    // In a network that is trained the first layer reads rows, which need no gradient.
    [TestMethod, DynamicData(nameof(Kinds))]
    public void A_layer_can_come_first(Type kind)
    {
        foreach (LayeredArchitecture network in Networks(kind))
        {
            using var module = new LayeredModule(network);
            if (module.parameters().FirstOrDefault() is not { } weight)
                continue;
            InTraining(module, tensor(Network.Rows(Rows, network.InputSize), [Rows, network.InputSize])).sin().sum().backward();
            Assert.IsNotNull(weight.grad, $"{network.Layers[0]}");
        }
    }

    [TestMethod, DynamicData(nameof(Kinds))]
    public void Weights_that_are_declared_are_used(Type kind)
    {
        foreach (LayeredArchitecture network in Networks(kind))
        {
            LayerStep step = network.Describe().Steps().Single();
            LayerWeight[] declared = [.. step.Layer.Weights(step.Input)];
            HashSet<string> used = [];
            Tensor input = rand(2, step.Input.Channels, step.Input.Height, step.Input.Width);
            step.Layer.Forward(step.Layer.Form == LayerForm.Rows ? input.flatten(1) : input, step.Input, name =>
            {
                used.Add(name);
                return declared.Single(weight => weight.Name == name).Initial(Initialization.HeNormal);
            }, Pass.Scoring);
            CollectionAssert.AreEquivalent(declared.Select(weight => weight.Name).ToArray(), used.ToArray(), $"{step.Layer}");
        }
    }

    [TestMethod, DynamicData(nameof(Kinds))]
    public void A_saved_layer_is_the_same_layer(Type kind)
    {
        foreach (LayeredArchitecture network in Networks(kind))
        {
            string json = JsonSerializer.Serialize(network, ModelJson.Options);
            LayeredArchitecture read = JsonSerializer.Deserialize<LayeredArchitecture>(json, ModelJson.Options)!;
            Assert.AreEqual(kind, read.Layers[0].GetType());
            Assert.AreEqual(json, JsonSerializer.Serialize(read, ModelJson.Options));
        }
    }

    // As models were saved when all kinds of layer were one type.
    [TestMethod]
    public void Former_layers_are_read()
    {
        const string Json = """
            {"Input":{"Channels":1,"Height":4,"Width":4},"Layers":[
            {"Kind":0,"Channels":4,"KernelSize":3,"Stride":1,"Coordinates":true,"WithRadius":true,"Normalization":0,"Groups":1,"Height":0,"Width":0},
            {"Kind":2,"Channels":0,"KernelSize":0,"Stride":1,"Coordinates":false,"WithRadius":false,"Normalization":2,"Groups":2,"Height":0,"Width":0},
            {"Kind":3,"Channels":0,"KernelSize":0,"Stride":1,"Coordinates":false,"WithRadius":false,"Normalization":0,"Groups":1,"Height":0,"Width":0},
            {"Kind":9,"Channels":5,"KernelSize":0,"Stride":1,"Coordinates":false,"WithRadius":false,"Normalization":0,"Groups":1,"Height":0,"Width":0}]}
            """;
        LayeredArchitecture network = JsonSerializer.Deserialize<LayeredArchitecture>(Encoding.UTF8.GetBytes(Json), ModelJson.Options)!;
        CollectionAssert.AreEqual(new Layer[] { new Convolution(4, 3, 1, true, true), new ChannelNormalization((Normalization)2, 2), new Rectifier(),
            new Dense(5) }, network.Layers);
        string[] kinds = ["\"Kind\":-1", "", "\"Kind\":\"x\"", "\"Kind\":99", "\"Kind\":3,\"Size\":1"];
        string[] wrong =
        [
            .. kinds.Select(kind => Json.Replace("\"Kind\":3", kind)),
            Json.Replace("\"Kind\":3,", ""),
            Json.Replace("\"Stride\":1", "\"Stride\":null"),
        ];
        foreach (string json in wrong)
            Assert.ThrowsExactly<JsonException>(() => JsonSerializer.Deserialize<LayeredArchitecture>(json, ModelJson.Options), json);
    }

    // Numbers of any size, on inputs of any size: refused, or counted without running over.
    [TestMethod, DynamicData(nameof(Kinds))]
    public void Hostile_sizes_are_refused_or_counted(Type kind)
    {
        var random = new Random(5);
        int[] sizes = [-1, 0, 1, 2, 3, 99, 1 << 16, 1 << 20, int.MaxValue];
        for (int i = 0; i < 2000; i++)
        {
            JsonDocument sample = JsonDocument.Parse(JsonSerializer.Serialize(Samples[kind](random).Layer, ModelJson.Options));
            Dictionary<string, object> members = sample.RootElement.EnumerateObject().ToDictionary(member => member.Name, member =>
                member.Value.ValueKind == JsonValueKind.Number && member.Name != "Kind" && random.Next(2) == 0
                    ? (object)sizes[random.Next(sizes.Length)]
                    : member.Value);
            Layer layer = JsonSerializer.Deserialize<Layer>(JsonSerializer.Serialize(members), ModelJson.Options)!;
            ImageShape input = new(sizes[random.Next(2, 8)], sizes[random.Next(2, 7)], sizes[random.Next(2, 7)]);
            var network = new LayeredArchitecture { Input = input, Layers = [layer] };
            if (network.FindFault() is not null)
                continue;
            Assert.IsLessThanOrEqualTo(ScoringMemory.MostOfARow, network.HeldValues() + network.WorkingValues(), $"{layer} on {input}");
            Assert.IsTrue(network.Weights().All(weight => weight.Shape.All(length => length > 0)), $"{layer} on {input}");
        }
    }

    // As a network that goes to a GPU does: parameters, buffers and constants.
    [TestMethod, DynamicData(nameof(Kinds))]
    public void A_module_moves_with_all_that_it_has(Type kind)
    {
        foreach (LayeredArchitecture network in Networks(kind))
        {
            long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            using (var module = new LayeredModule(network))
            {
                module.to(ScalarType.Float64);
                Assert.IsTrue(module.state_dict().Values.All(value => value.dtype == ScalarType.Float64), $"{network.Layers[0]}");
                using DisposeScope scope = NewDisposeScope();
                Assert.AreEqual(ScalarType.Float64, InTraining(module, rand([Rows, network.InputSize], ScalarType.Float64)).dtype, $"{network.Layers[0]}");
            }

            Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, $"{network.Layers[0]}");
        }
    }

    [TestMethod]
    public void Uniform_weights_are_those_that_torch_draws()
    {
        manual_seed(11);
        using var linear = nn.Linear(7, 5);
        using var convolution = nn.Conv2d(3, 4, 3);
        manual_seed(11);
        Compare(new Dense(5), new(7, 1, 1), linear.weight!, linear.bias!);
        Compare(new Convolution(4, 3), new(3, 5, 5), convolution.weight!, convolution.bias!);

        static void Compare(Layer layer, ImageShape input, params Tensor[] expected)
        {
            foreach ((LayerWeight weight, Tensor tensor) in layer.Weights(input).Zip(expected))
                Assert.IsLessThan(1e-7f, (weight.Initial(Initialization.Uniform) - tensor).abs().max().item<float>(), $"{layer}: {weight.Name}");
        }
    }

    [TestMethod]
    public void He_normal_weights_have_their_deviation()
    {
        using var random = new InitialWeights(7);
        LayerWeight[] weights = [.. new Convolution(64, 3).Weights(new(32, 8, 8))];
        Tensor kernel = weights[0].Initial(Initialization.HeNormal);
        Assert.AreEqual(Math.Sqrt(2.0 / (32 * 9)), kernel.std().item<float>(), 1e-3);
        Assert.AreEqual(0, kernel.mean().item<float>(), 2e-3);
        Assert.AreEqual(0, weights[1].Initial(Initialization.HeNormal).abs().max().item<float>());
    }

    // 0.8413447 and 0.8411920: Φ(1), and what the hyperbolic tangent makes of it.
    [TestMethod]
    public void Functions_of_a_value_are_their_formulas()
    {
        (Layer Layer, double Of, double Expected)[] values =
        [
            (new Gelu(), 1, 0.8413447), (new Gelu(IsApproximate: true), 1, 0.8411920), (new Gelu(), -2, -2 * 0.0227501), (new LeakyRectifier(0.1), -3, -0.3),
                (new LeakyRectifier(0.1), 3, 3),
            (new HyperbolicTangent(), 0.5, 0.4621172), (new Sigmoid(), Math.Log(3), 0.75), (new Swish(), Math.Log(3), 0.75 * Math.Log(3)),
                (new DropoutLayer(0.5), 7, 7),
        ];
        foreach ((Layer layer, double of, double expected) in values)
        {
            Tensor x = tensor((float)of).view(1, 1);
            Assert.AreEqual(expected, layer.Forward(x, new(1, 1, 1), _ => throw new InvalidOperationException(), Pass.Scoring).item<float>(), 1e-6, $"{layer}");
        }
    }

    private static Tensor InTraining(LayeredModule module, Tensor rows) => module.Forward(rows, Pass.Training with { Noise = Drawn() });

    // The same for all.
    private static Noise Drawn()
    {
        var noise = new Noise(CPU);
        noise.Begin(1);
        return noise;
    }

    [TestMethod]
    public void Dropout_draws_from_the_noise_of_the_training()
    {
        var layer = new DropoutLayer(0.25);
        Tensor x = ones(100, 40);
        float[] Draw(long seed)
        {
            using var noise = new Noise(CPU);
            noise.Begin(seed);
            return layer.Forward(x, new(40, 1, 1), _ => throw new InvalidOperationException(), Pass.Training with { Noise = noise }).data<float>().ToArray();
        }

        float[] drawn = Draw(1);
        CollectionAssert.AreEqual(drawn, Draw(1));
        CollectionAssert.AreNotEqual(drawn, Draw(2));
        Assert.IsTrue(drawn.All(value => value == 0 || Math.Abs(value - (1 / 0.75f)) < 1e-6));
        Assert.AreEqual(0.25, drawn.Count(value => value == 0) / 4000.0, 0.03);  // four standard deviations
        Assert.ThrowsExactly<InvalidOperationException>(() => layer.Forward(x, new(40, 1, 1), _ => x, Pass.Training));
    }

    [TestMethod]
    public void A_token_is_its_vector()
    {
        Tensor given = new TokenEmbedding(3, 2).Forward(tensor(new float[] { 0, 2, 1, 9 }).view(1, 1, 4, 1), new(1, 4, 1), _ => arange(6,
            ScalarType.Float32).view(3, 2), Pass.Scoring);
        CollectionAssert.AreEqual(new float[] { 0, 4, 2, 4, 1, 5, 3, 5 }, given.flatten().contiguous().data<float>().ToArray());
    }

    [TestMethod]
    public void Waves_are_sines_and_cosines_of_the_place()
    {
        float[] waves = new Positions(AreLearned: false).Weights(new(4, 3, 1)).Single().Constant!();
        Network.AssertClose([0, 0.8414710f, 0.9092974f, 1, 0.5403023f, -0.4161468f, 0, 0.0099998f, 0.0199987f, 1, 0.9999500f, 0.9998000f], waves, 1e-6);
    }

    // Two places with vectors 0 and 1 as queries, keys and values of one head: scores 0 and 1, so the second place gives e / (1 + e); the first sees both as
    // equal, or itself alone.
    [TestMethod]
    [DataRow(false, 0.5)]
    [DataRow(true, 0)]
    public void Attention_is_the_softmax_of_products(bool isCausal, double first)
    {
        Dictionary<string, Tensor> weights = new()
        {
            ["weight"] = ones(3, 1),
            ["bias"] = zeros(3),
            ["output.weight"] = ones(1, 1),
            ["output.bias"] = zeros(1),
            ["mask"] = tensor(new float[] { 0, float.NegativeInfinity, 0, 0 }, [2, 2]),
        };
        float[] mixed = new Attention(1, isCausal).Forward(tensor(new float[] { 0, 1 }).view(1, 1, 2, 1), new(1, 2, 1), name => weights[name],
            Pass.Scoring).data<float>().ToArray();
        Assert.AreEqual(first, mixed[0], 1e-6);
        Assert.AreEqual(Math.E / (1 + Math.E), mixed[1], 1e-6);
    }

    [TestMethod]
    [DataRow(false, 0)]
    [DataRow(true, 2)]
    public void Places_that_are_not_there_are_not_attended_to(bool isCausal, int window)
    {
        const int Own = 3, All = 7;
        var layer = new Attention(2, isCausal, window);
        Dictionary<string, Tensor> weights = layer.Weights(new(4, All, 1)).ToDictionary(weight => weight.Name,
            weight => weight.Initial(Initialization.Uniform));
        Tensor longer = randn(1, 4, All, 1), places = (arange(All) < Own).unsqueeze(0);
        Tensor padded = layer.Forward(longer, new(4, All, 1), name => weights[name], Pass.Training with { Places = places });
        if (weights.TryGetValue("mask", out Tensor? mask))
            weights["mask"] = mask.narrow(0, 0, Own).narrow(1, 0, Own);
        Tensor alone = layer.Forward(longer.narrow(2, 0, Own), new(4, Own, 1), name => weights[name], Pass.Training);
        Assert.IsLessThan(1e-6f, (padded.narrow(2, 0, Own) - alone).abs().max().item<float>());
    }

    [TestMethod]
    public void What_comes_later_changes_nothing_before_it()
    {
        foreach (Layer layer in new Layer[] { new CausalConvolution(3, 3, 2), new Attention(2, IsCausal: true) })
        {
            ImageShape input = new(4, 8, 1);
            Dictionary<string, Tensor> weights = layer.Weights(input).ToDictionary(weight => weight.Name, weight => weight.Initial(Initialization.Uniform));
            Tensor one = randn(1, 4, 8, 1), other = cat([one.narrow(2, 0, 5), randn(1, 4, 3, 1)], dim: 2);
            Tensor[] given = [.. new[] { one, other }.Select(x => layer.Forward(x, input, name => weights[name], Pass.Scoring))];
            Tensor difference = (given[0] - given[1]).abs().amax([0L, 1L, 3L]);
            Assert.IsLessThan(1e-6f, difference.narrow(0, 0, 5).max().item<float>(), $"{layer}");
            Assert.IsGreaterThan(1e-3f, difference.narrow(0, 5, 3).min().item<float>(), $"{layer}");
        }
    }

    // Without weights and with a candidate of tanh(10) = 1 the gate is one half: h = σ(1) · 1, then h / 2 + σ(1), and so on to 2 σ(1).
    [TestMethod]
    public void A_forget_gate_alone_lets_more_in_than_it_forgets()
    {
        Tensor given = Recurrence(new Layers.Janet(1, 1), [0, 10], steps: 30);
        Network.AssertClose([0.7310586f, 1.0965879f], given.narrow(0, 0, 2).data<float>().ToArray(), 1e-5);
        Assert.AreEqual(1.4621172f, given[29].item<float>(), 1e-5f);
    }

    // Without weights and with an update gate of σ(-ln 3) = 1/4: h is 3/4 of the candidate, then 1/4 of that and 3/4 of the candidate.
    [TestMethod]
    public void A_gated_unit_keeps_what_its_update_gate_says() =>
        Network.AssertClose([0.75f, 0.9375f], Recurrence(new Gru(1, 1), [0, -MathF.Log(3), 10], steps: 2).data<float>().ToArray(), 1e-5);

    // U (r · h), not r · (U h): with two units that read each other alone, the first unit's candidate depends on the second one's reset gate.
    [TestMethod]
    public void The_reset_gate_comes_before_the_product()
    {
        Dictionary<string, Tensor> weights = new()
        {
            ["input"] = zeros(1, 1, 6),
            ["recurrent"] = zeros(1, 2, 6),
            ["bias"] = tensor(new[] { 10f, -10, 0, 0, 0, 0 }, [1, 1, 6]),
        };
        weights["recurrent"][0, 1, 4] = tensor(1f);
        Tensor hidden = tensor(new[] { 0f, 1 }, [1, 1, 2]);
        (Tensor given, _) = new Gru(1, 2).Run(zeros(1, 1, 1, 1), new(hidden, hidden), name => weights[name]);
        // The second unit is reset, so the first one's candidate is 0; were the product reset by its own gate, it would be tanh(1).
        Network.AssertClose([0, 0.5f], given.flatten().data<float>().ToArray(), 1e-4);
    }

    [TestMethod]
    public void A_fresh_cell_remembers()
    {
        CollectionAssert.AreEqual(
            new float[] { 0, 0, 1, 1, 0, 0, 0, 0 }, new Lstm(1, 2).Weights(3).Single(weight => weight.Name == "bias").Initial(default).data<float>().ToArray());
        CollectionAssert.AreEqual(
            new float[] { 1, 1, 0, 0 }, new Layers.Janet(1, 2).Weights(3).Single(weight => weight.Name == "bias").Initial(default).data<float>().ToArray());
    }

    [TestMethod]
    public void A_sequence_is_read_as_if_nothing_stood_behind_it()
    {
        const int Own = 3, All = 7;
        foreach (Recurrent layer in new Recurrent[] { new Lstm(2, 4, 3), new Gru(2, 3), new Layers.Janet(2, 3) })
        {
            Dictionary<string, Tensor> weights = layer.Weights(4).ToDictionary(weight => weight.Name, weight => weight.Initial(Initialization.Uniform));
            Tensor longer = randn(1, 4, All, 1), places = (arange(All) < Own).unsqueeze(0);
            Tensor padded = layer.Forward(longer, new(4, All, 1), name => weights[name], Pass.Scoring with { Places = places });
            Tensor alone = layer.Forward(longer.narrow(2, 0, Own), new(4, Own, 1), name => weights[name], Pass.Scoring);
            Assert.IsLessThan(1e-6f, (padded.narrow(2, 0, Own) - alone).abs().max().item<float>(), $"{layer}");
        }
    }

    // What a layer of one unit without weights gives at each step.
    private static Tensor Recurrence(Recurrent layer, float[] bias, int steps)
    {
        Tensor window = zeros(1, steps, 1, 1);
        return layer.Run(window, layer.ZeroState(window), name => name == "bias" ? tensor(bias, [1, 1, bias.Length]) : zeros(1, 1, bias.Length)).Outputs
            .flatten();
    }

    private static IEnumerable<LayeredArchitecture> Networks(Type kind)
    {
        Assert.IsTrue(Samples.ContainsKey(kind), $"{kind.Name} has no sample in {nameof(LayerTests)}.");
        var random = new Random(1);
        return Enumerable.Range(0, Draws).Select(_ =>
        {
            (ImageShape input, Layer layer) = Samples[kind](random);
            var network = new LayeredArchitecture { Input = input, Layers = [layer] };
            Assert.IsNull(network.FindFault());
            return network;
        });
    }

    private static ImageShape Sequence(Random random, int channels) => new(channels, random.Next(2, 9), 1);

    private static ImageShape Image(Random random) => new(random.Next(1, 5), random.Next(2, 10), random.Next(2, 10));

    private static TransposedConvolution Transposed(int channels, int stride, int more) => new(channels, stride + more, stride);

    private static NetworkWeights Weights(LayeredArchitecture network)
    {
        var random = new Random(3);
        return NetworkWeights.Of(network, network.Weights().ToDictionary(weight => weight.Name, weight => Enumerable.Range(0,
            (int)weight.Shape.Aggregate((product, length) => product * length))
            .Select(_ => weight.Name.EndsWith("running_var", StringComparison.Ordinal)
                ? random.NextSingle() + 0.2f
                : (random.NextSingle() * 2) - 1).ToArray()));
    }
}
