using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Elmo;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Architecture;
using MLNet.Papers.Tests.Contract;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>
/// The network against sums by hand, against the paper written down a second time, against libtorch's LSTM and against the published program.
/// </summary>
[TestClass]
public sealed class ElmoFidelityTests
{
    private static readonly string[] Tokens = ["The", "naïve", "cat", "", "sat-on-the-mat-and-stayed-there", "<S>", "日本", "."];

    [TestMethod]
    public void Characters_are_the_bytes_between_marks()
    {
        CollectionAssert.AreEqual(new[] { 259, 100, 98, 117, 260 }, CharacterIds.Of("cat", 50));
        CollectionAssert.AreEqual(new[] { 259, 0xC3 + 1, 0xA9 + 1, 260 }, CharacterIds.Of("é", 50));
        CollectionAssert.AreEqual(new[] { 259, 260 }, CharacterIds.Of("", 50));
        int[] cut = CharacterIds.Of(new string('x', 60), 50);
        Assert.HasCount(50, cut);
        Assert.AreEqual(48, cut.Count(id => id == 'x' + 1));
        // 47 letters leave one byte for a letter of two.
        CollectionAssert.AreEqual(new[] { 'y' + 1, 0xC3 + 1, 260 }, CharacterIds.Of(new string('y', 47) + "é", 50)[^3..]);
        CollectionAssert.AreEqual(new[] { 259, 257, 260 }, CharacterIds.OfBegin());
        CollectionAssert.AreEqual(new[] { 259, 258, 260 }, CharacterIds.OfEnd());
        // In the published code the marks are these tokens; others that look like marks are none.
        CollectionAssert.AreEqual(CharacterIds.OfBegin(), CharacterIds.Of("<S>", 50));
        CollectionAssert.AreEqual(CharacterIds.OfEnd(), CharacterIds.Of("</S>", 50));
        CollectionAssert.AreEqual(new[] { 259, '<' + 1, 's' + 1, '>' + 1, 260 }, CharacterIds.Of("<s>", 50));
    }

    [TestMethod]
    [DataRow(1024, 128, 1, 13_593_296L)]
    [DataRow(2048, 256, 1, 28_027_728L)]
    [DataRow(4096, 512, 2, 93_600_848L)]
    public void The_published_sizes_have_the_published_number_of_parameters(int cells, int projection, int highways, long expected)
    {
        ElmoArchitecture architecture = new()
        {
            MaxCharacters = 50,
            CharacterSize = 16,
            FilterWidths = [1, 2, 3, 4, 5, 6, 7],
            FilterCounts = [32, 32, 64, 128, 256, 512, 1024],
            Highways = highways,
            ProjectionSize = projection,
            CellSize = cells,
            Layers = 2,
        };
        Assert.AreEqual(expected, architecture.ParameterCount);
    }

    [TestMethod]
    public void A_cell_without_weights_keeps_what_its_forget_gate_leaves()
    {
        // All pre-activations are 0 but the forget gate's, 1: c = sigmoid(1) * 1 + 0.5 * 0 = 0.7310586, and o * tanh(c) = 0.5 * 0.6237126 = 0.3118563.
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        var layer = new Lstm(1, 2);
        using var weights = new WeightModule(layer.Weights(2));
        foreach (Tensor weight in weights.parameters())
            weight.zero_();
        weights.Of("bias").narrow(2, 2, 2).fill_(1);
        (Tensor outputs, RecurrentState state) = layer.Run(ones(1, 1, 1, 2), new RecurrentState(zeros(1, 1, 2), ones(1, 1, 2)), weights.Of);
        Assert.AreEqual(0.7310586f, state.Cell[0, 0, 0].item<float>(), 1e-6f);
        Assert.AreEqual(0.3118563f, outputs[0, 0, 0, 1].item<float>(), 1e-6f);
    }

    [TestMethod]
    public void A_highway_passes_its_transform_by_the_carry_gate()
    {
        // Without weights, b_t = 3 and b_c = 0: 0.5 * relu(3) + 0.5 * 1 = 2.
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor given = new Highway().Forward(
            ones(1, 1), new(1, 1, 1), name => name == "transform.bias" ? tensor(new[] { 3f }) : zeros(name.EndsWith("bias") ? [1] : [1, 1]), Pass.Scoring);
        Assert.AreEqual(2f, given.item<float>(), 1e-6f);
    }

    [TestMethod]
    public void A_fresh_highway_carries_its_input()
    {
        using DisposeScope scope = NewDisposeScope();
        using var weights = new WeightModule(new Highway().Weights(new ImageShape(3, 1, 1)));
        Assert.AreEqual(-2f, weights.Of("carry.bias")[1].item<float>());
        Assert.AreEqual(0f, weights.Of("transform.bias")[1].item<float>());
    }

    [TestMethod]
    public void The_mix_is_the_scaled_sum_by_softmax_weights()
    {
        // w = (0, ln 2, 0) gives s = (1/4, 1/2, 1/4); with gamma = 2 the layers 1, 2, 3 give 2 * (0.25 + 1 + 0.75) = 4, which the second class has as its
        // logit.
        var architecture = new LayerMixArchitecture(Layers: 3, Size: 1, Classes: 2);
        NetworkWeights weights = NetworkWeights.Of(architecture, new Dictionary<string, float[]>
        {
            ["mix"] = [0, MathF.Log(2), 0],
            ["scale"] = [2],
            ["head.weight"] = [0, 1],
            ["head.bias"] = [0, 0],
        });
        var classifier = new LayerMixClassifier(architecture, weights, new StandardScale([0, 0, 0], [1, 1, 1]));
        float[] probabilities = new float[2];
        classifier.Score([1, 2, 3], 1, probabilities);
        Assert.AreEqual(0.25f, classifier.LayerWeights[0], 1e-6f);
        Assert.AreEqual(0.5f, classifier.LayerWeights[1], 1e-6f);
        Assert.AreEqual(4, Math.Log(probabilities[1] / probabilities[0]), 1e-5);

        // The same on scales: layer 2 has the mean 1 and the deviation 0.5, so that its 2 becomes 2: 2 * (0.25 + 1 + 0.75) again.
        var scaled = new LayerMixClassifier(architecture, weights, new StandardScale([0, 1, 0], [1, 0.5, 1]));
        scaled.Score([1, 2, 3], 1, probabilities);
        Assert.AreEqual(4, Math.Log(probabilities[1] / probabilities[0]), 1e-5);

        using DisposeScope scope = NewDisposeScope();
        using var module = new WeightModule(architecture.AllWeights());
        weights.CopyTo(architecture, module);
        module.eval();
        Assert.AreEqual(
            Math.Log(1 + Math.Exp(-4)),
            LayerMixLoss.Of(architecture, module, tensor(new float[,] { { 1, 2, 3 } }), tensor(new long[] { 1 }), new DropoutNoise(0.5, null), 1).item<float>(),
            1e-6);
    }

    public static IEnumerable<object[]> Shapes =>
    [
        ["projected", new PublishedShape()],
        ["one layer, hyperbolic tangent, no highway", new PublishedShape { Layers = 1, Activation = "tanh", Highways = 0 }],
        ["cells as long as outputs, no skip", new PublishedShape { Cells = 4, Skip = false, Layers = 3 }],
        ["as many filters as outputs", new PublishedShape { Projection = 10, Cells = 33, Clip = 0.1 }],
        ["a filter as wide as a token", new PublishedShape { MaxCharacters = 6, Filters = [(6, 4), (1, 1)] }],
    ];

    [TestMethod, DynamicData(nameof(Shapes))]
    public void Files_in_the_published_layout_give_what_the_paper_says(string name, object shape)
    {
        var published = (PublishedShape)shape;
        var plain = new PlainElmo(published, published.Arrays());
        foreach (string[] tokens in new[] { Tokens, Tokens[..1], [.. Tokens, .. Tokens, .. Tokens] })
        {
            double[][][] expected = plain.Layers(tokens);
            float[][] actual = Embed(published, tokens);
            for (int layer = 0; layer < expected.Length; layer++)
            {
                for (int token = 0; token < tokens.Length; token++)
                {
                    for (int i = 0; i < 2 * published.Projection; i++)
                    {
                        Assert.AreEqual(
                            expected[layer][token][i], actual[token][(layer * 2 * published.Projection) + i], 1e-5,
                            $"{name}: layer {layer} of token {token} '{tokens[token]}', place {i}");
                    }
                }
            }
        }
    }

    [TestMethod]
    public void The_published_program_gives_the_same_numbers()
    {
        using PublishedFiles? files = PublishedFiles.Shared();
        if (files is null)
        {
            Assert.Inconclusive("The tiny published model is not in ../shared/data/elmo.");
            return;
        }

        var ml = new MLContext();
        ElmoOutputOptions outputs = new() { MixWeights = [0, 0, 1], TokenVectorsColumnName = "Vectors" };
        string[][] sentences = JsonSerializer.Deserialize<string[][]>(File.ReadAllText(files.SentencesPath))!;
        string[] first = [.. sentences.Select(stream => stream[0])];
        MemoryView data = new MemoryView([MemoryColumn.Texts("Text", first)]);
        using ElmoTransformer elmo = ml.Transforms.Text.ApplyElmo("Features", "Text", files.OptionsPath, files.WeightsPath, outputs).Fit(data);
        object[] vectors = Table.Read(elmo.Transform(data), [elmo.GetOutputSchema(data.Schema)["Vectors"]]).Columns.Single().Value;
        int compared = 0;
        foreach (string line in File.ReadLines(Repository.Path("test", "MLNet.Papers.Tests", "Elmo", "Published", "published.txt"))
            .Where(line => !line.StartsWith('#')))
        {
            double[] numbers = [.. line.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
            float[] row = (float[])vectors[(int)numbers[0]];
            for (int i = 0; i < 8; i++)
                Assert.AreEqual(numbers[2 + i], row[((int)numbers[1] * 32) + Places[i]], 1e-4, $"sentence {numbers[0]}, token {numbers[1]}, place {Places[i]}");
            compared++;
        }

        Assert.AreEqual(first.Sum(sentence => sentence.Split(' ').Length), compared, "Every token of the first batch must be compared.");
    }

    private static readonly int[] Places = [0, 5, 10, 15, 16, 21, 26, 31];

    [TestMethod]
    public void The_module_that_trains_gives_what_the_scoring_form_gives()
    {
        using PublishedFiles files = PublishedFiles.Make(new());
        ElmoModel model = PublishedElmo.Load(files.OptionsPath, files.WeightsPath);
        using var fused = ElmoScorer.Create(model.Architecture, model.Weights, TorchDevice.Cpu);
        using var device = new ElmoScorer(
            model.Architecture, new TorchScorer(model.Architecture.Encoder(), model.Weights, CPU),
            new TorchSequenceScorer(model.Architecture.Stack(), model.Weights, CPU));
        string[][] sentences = [Tokens, [], Tokens[2..4], [.. Tokens.Reverse()], Tokens[..1]];
        float[][][] expected = Run(fused), actual = Run(device);
        for (int sentence = 0; sentence < sentences.Length; sentence++)
        {
            if (sentences[sentence].Length == 0)
                continue;
            for (int steps = 0; steps < 2 * (model.Architecture.Layers + 1); steps++)
                AssertClose(expected[sentence][steps], actual[sentence][steps], 1e-5, $"sentence {sentence}, layer {steps / 2}, direction {steps % 2}");
        }

        float[][][] Run(ElmoScorer scorer)
        {
            float[][][] layers = new float[sentences.Length][][];
            scorer.Run(sentences, (number, sentence) => layers[number] =
                [.. Enumerable.Range(0, 2 * (model.Architecture.Layers + 1)).Select(i => sentence.All(i / 2, i % 2).ToArray())]);
            return layers;
        }
    }

    [TestMethod]
    public void Without_reach_of_the_clips_the_layer_is_that_of_libtorch()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        const int Inputs = 5, Cells = 7, Outputs = 3, Steps = 6, Batch = 2;
        var ours = new Lstm(1, Cells, Outputs, 1e6, 1e6);
        using var drawn = new WeightModule(ours.Weights(Inputs));
        Tensor window = randn(Steps, Batch, Inputs);
        Tensor In(string name) => drawn.Of(name).squeeze(0);
        // Ours: (from, to), input, forget, output, candidate. libtorch: (to, from), input, forget, candidate, output.
        Tensor Gates(Tensor matrix)
        {
            Tensor[] gates = matrix.chunk(4, -1);
            return cat([gates[0], gates[1], gates[3], gates[2]], -1);
        }

        Tensor[] weights =
        [
            Gates(In("input")).t().contiguous(),
            Gates(In("recurrent")).t().contiguous(),
            Gates(In("bias")).flatten(),
            zeros(4 * Cells),
            In("projection").t().contiguous(),
        ];
        (Tensor expected, _, _) = Theirs(window, weights, Outputs, Cells);
        (Tensor actual, _) = ours.Run(window.unsqueeze(0), ours.ZeroState(window.unsqueeze(0)), drawn.Of);
        Assert.IsTrue(allclose(expected, actual.squeeze(0), 1e-5, 1e-5));
        Lstm clipped = ours with { CellClip = 0.05, OutputClip = 0.02 };
        Assert.AreEqual(
            0.02f, clipped.Run(10 * window.unsqueeze(0), clipped.ZeroState(window.unsqueeze(0)), drawn.Of).Outputs.abs().max().item<float>(), 1e-7f);

        static (Tensor, Tensor, Tensor) Theirs(Tensor input, Tensor[] weights, int outputs, int cells)
        {
            // The equations of libtorch's documentation for LSTM with proj_size.
            Tensor hidden = zeros(input.shape[1], outputs), cell = zeros(input.shape[1], cells);
            var steps = new List<Tensor>();
            for (int step = 0; step < input.shape[0]; step++)
            {
                Tensor[] gates = (nn.functional.linear(input[step], weights[0], weights[2]) + nn.functional.linear(hidden, weights[1], weights[3])).chunk(4, 1);
                cell = (gates[1].sigmoid() * cell) + (gates[0].sigmoid() * gates[2].tanh());
                hidden = nn.functional.linear(gates[3].sigmoid() * cell.tanh(), weights[4]);
                steps.Add(hidden);
            }

            return (stack(steps, 0), hidden, cell);
        }
    }

    [TestMethod]
    public void Rows_do_not_depend_on_each_other()
    {
        PublishedShape shape = new();
        float[][] alone = Embed(shape, Tokens);
        string[][] texts = [Tokens[..3], [.. Enumerable.Repeat("padding", 40)], Tokens, ["cat"]];
        var ml = new MLContext();
        using PublishedFiles files = PublishedFiles.Make(shape);
        foreach (string[][] order in new[] { texts, [.. texts.Reverse()] })
        {
            MemoryView data = new MemoryView([MemoryColumn.Vectors("Text", TextDataViewType.Instance, [.. order.Select(Vector)])]);
            using ElmoTransformer elmo = ml.Transforms.Text.ApplyElmo("Features", "Text", files.OptionsPath, files.WeightsPath, AllLayers()).Fit(data);
            float[] row = (float[])Table.Read(elmo.Transform(data), [elmo.GetOutputSchema(data.Schema)["Vectors"]]).Columns
                .Single().Value[Array.IndexOf(order, Tokens)];
            AssertClose([.. alone.SelectMany(token => token)], row, 1e-6, "Beside other rows");
        }
    }

    private static float[][] Embed(PublishedShape shape, string[] tokens)
    {
        var ml = new MLContext();
        using PublishedFiles files = PublishedFiles.Make(shape);
        MemoryView data = new MemoryView([MemoryColumn.Vectors("Text", TextDataViewType.Instance, [Vector(tokens)])]);
        using ElmoTransformer elmo = ml.Transforms.Text.ApplyElmo("Features", "Text", files.OptionsPath, files.WeightsPath, AllLayers()).Fit(data);
        float[] row = (float[])Table.Read(elmo.Transform(data), [elmo.GetOutputSchema(data.Schema)["Vectors"]]).Columns.Single().Value[0];
        return [.. row.Chunk(row.Length / tokens.Length)];
    }

    private static ElmoOutputOptions AllLayers() => new() { Representation = ElmoRepresentation.AllLayers, TokenVectorsColumnName = "Vectors" };

    private static VBuffer<ReadOnlyMemory<char>> Vector(string[] tokens) => new(tokens.Length, [.. tokens.Select(token => token.AsMemory())]);

    private static void AssertClose(float[] expected, float[] actual, double tolerance, string what)
    {
        Assert.HasCount(expected.Length, actual, what);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance, $"{what}, place {i}");
    }
}
