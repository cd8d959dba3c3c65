using MLNet.Papers.Bert;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Bert;

/// <summary>The network against sums written out by hand, and its forms against each other.</summary>
[TestClass]
public sealed class BertEncoderFidelityTests : TensorTests
{
    private static readonly string[] Texts = ["the cat sat on the mat.", "", "walking", "the cat walked on and on, and sat, and walked again! why?", "zzz"];

    public static IEnumerable<object[]> Shapes =>
    [
        [24, 3, 40, BertGelu.Erf, 2], [24, 3, 40, BertGelu.Tanh, 1], [64, 2, 128, BertGelu.Erf, 3], [20, 4, 17, BertGelu.Erf, 2], [9, 1, 33, BertGelu.Tanh, 1],
        [96, 12, 384, BertGelu.Erf, 4],
    ];

    [TestMethod]
    public void A_block_is_what_the_paper_says()
    {
        using var small = new SmallBert();
        BertArchitecture architecture = small.Model.Architecture;
        Dictionary<string, double[]> weights = architecture.Weights().ToDictionary(
            weight => weight.Name, weight => Array.ConvertAll(small.Model.Weights[weight.Name], value => (double)value));
        BertBatch batch = Read(small.Model, Texts[3]).Batch;
        double[][] x = PlainBert.Tables(architecture, weights, batch.Pieces(0), batch.Second(0));
        for (int layer = 0; layer < architecture.Layers; layer++)
            x = PlainBert.Block(architecture, weights, layer, x);
        AssertClose([.. x.SelectMany(row => row).Select(value => (float)value)], Layers(small.Model, batch)[0][^1], 1e-5);
    }

    [TestMethod, DynamicData(nameof(Shapes))]
    public void Kernels_give_what_torch_gives(int hidden, int heads, int inner, BertGelu gelu, int layers)
    {
        using var small = new SmallBert(hidden, heads, layers, inner, gelu: gelu);
        BertTexts texts = Read(small.Model, Texts);
        texts.Add("the cat", "sat on the mat");
        float[][][] own = Layers(small.Model, texts.Batch);
        using var torch = new TorchBertScorer(small.Model.Architecture, small.Model.Weights, CPU);
        float[][][] other = Layers(torch, small.Model.Architecture, texts.Batch);
        for (int text = 0; text < own.Length; text++)
        {
            for (int layer = 0; layer <= layers; layer++)
                AssertClose(other[text][layer], own[text][layer], 1e-5);
        }
    }

    [TestMethod]
    public void A_text_has_the_same_values_in_any_company()
    {
        using var small = new SmallBert(hidden: 48, heads: 2, layers: 3, positions: 200, maxLength: 200);
        string[] many = [.. Texts, .. Enumerable.Range(1, 60).Select(i => string.Join(' ', Enumerable.Repeat("the cat walked", i)))];
        float[][][] together = Layers(small.Model, Read(small.Model, many).Batch), backward = Layers(small.Model, Read(small.Model, [.. many.Reverse()]).Batch);
        for (int text = 0; text < many.Length; text++)
        {
            float[][] alone = Layers(small.Model, Read(small.Model, many[text]).Batch)[0];
            for (int layer = 0; layer < alone.Length; layer++)
            {
                CollectionAssert.AreEqual(alone[layer], together[text][layer], $"text {text}, layer {layer}");
                CollectionAssert.AreEqual(alone[layer], backward[^(text + 1)][layer], $"text {text}, layer {layer}, in reverse order");
            }
        }
    }

    [TestMethod]
    public void Layers_that_are_asked_for_are_those_of_all()
    {
        using var small = new SmallBert(layers: 5);
        BertBatch batch = Read(small.Model, Texts).Batch;
        float[][][] all = Layers(small.Model, batch);
        BertScorer scorer = BertScorer.Create(small.Model.Architecture, small.Model.Weights, TorchDevice.Cpu);
        foreach ((int lowest, int highest) in ((int, int)[])[(0, 0), (1, 1), (2, 4), (5, 5), (0, 3)])
        {
            scorer.Run(batch, lowest, highest, (text, layers) =>
            {
                for (int layer = lowest; layer <= highest; layer++)
                    CollectionAssert.AreEqual(all[text][layer], layers[layer].ToArray());
            });
        }
    }

    [TestMethod]
    public void The_first_place_alone_has_the_values_that_it_has_beside_the_others()
    {
        using var small = new SmallBert(layers: 3, positions: 200, maxLength: 200);
        foreach (int times in (int[])[1, 20])
        {
            BertBatch batch = Read(small.Model, [.. Texts, .. Texts.Select(text => string.Join(' ', Enumerable.Repeat(text, times)))]).Batch;
            float[][][] all = Layers(small.Model, batch);
            BertScorer scorer = BertScorer.Create(small.Model.Architecture, small.Model.Weights, TorchDevice.Cpu);
            int size = small.Model.Architecture.HiddenSize;
            for (int layer = 0; layer <= 3; layer++)
            {
                scorer.Run(batch, layer, layer, (text, layers) =>
                    CollectionAssert.AreEqual(all[text][layer][..size], layers[layer][..size].ToArray()), firstOnly: true);
            }
        }
    }

    [TestMethod]
    public void What_stands_behind_the_end_of_a_text_has_no_effect()
    {
        using var small = new SmallBert();
        BertBatch batch = Read(small.Model, Texts[0]).Batch;
        long[] pieces = Array.ConvertAll(batch.Pieces(0).ToArray(), piece => (long)piece);
        Tensor alone = Run(pieces, present: null);
        foreach (long padding in (long[])[0, 3, 20])
        {
            long[] padded = [.. pieces, .. Enumerable.Repeat(padding, 9)];
            Tensor there = tensor(Array.ConvertAll([.. Enumerable.Range(0, padded.Length)], place => place < pieces.Length)).unsqueeze(0);
            Tensor longer = Run(padded, there).narrow(1, 0, pieces.Length);
            AssertClose(alone.data<float>().ToArray(), longer.contiguous().data<float>().ToArray(), 1e-5);
        }

        Tensor Run(long[] ids, Tensor? present)
        {
            Tensor row = tensor(ids).unsqueeze(0);
            return small.Model.Architecture.Run(row, zeros_like(row), present, small.Module.Of)[^1].detach();
        }
    }

    [TestMethod]
    public void Nothing_divides_by_zero_where_no_place_is_there()
    {
        using var small = new SmallBert();
        Tensor row = zeros([1, 4], dtype: ScalarType.Int64);
        Tensor top = small.Model.Architecture.Run(row, row, zeros([1, 4], dtype: ScalarType.Bool), small.Module.Of)[^1];
        Assert.IsTrue(top.isfinite().all().item<bool>());
    }

    [TestMethod]
    public void The_pooler_reads_the_first_place()
    {
        using var small = new SmallBert();
        float[] top = Layers(small.Model, Read(small.Model, Texts[0]).Batch)[0][^1];
        int size = small.Model.Architecture.HiddenSize;
        float[] pooled = new float[size];
        BertArchitecture.PoolKernel(name => small.Model.Weights[name]).Run(top.AsSpan(0, size), 1, pooled);
        Tensor expected = BertArchitecture.Pool(tensor(top, [1, top.Length / size, size]), small.Module.Of).detach();
        AssertClose(expected.data<float>().ToArray(), pooled, 1e-6);
    }

    [TestMethod]
    public void Published_sizes_have_the_published_numbers_of_parameters()
    {
        Assert.AreEqual(109_482_240, Published(12, 768, 12).ParameterCount);
        Assert.AreEqual(4_385_920, Published(2, 128, 2).ParameterCount);

        static BertArchitecture Published(int layers, int hidden, int heads) => new()
        {
            Pieces = 30_522,
            Positions = 512,
            HiddenSize = hidden,
            Layers = layers,
            Heads = heads,
            InnerSize = 4 * hidden,
            HasPooler = true,
        };
    }

    [TestMethod]
    public void Weights_begin_normal_within_two_deviations_and_the_others_at_0_and_1()
    {
        using var small = new SmallBert(bound: 0);
        foreach ((string name, _) in small.Model.Architecture.Weights())
        {
            float[] values = small.Model.Weights[name];
            if (name.EndsWith("LayerNorm.weight", StringComparison.Ordinal))
                Assert.IsTrue(values.All(value => value == 1), name);
            else if (name.EndsWith("bias", StringComparison.Ordinal))
                Assert.IsTrue(values.All(value => value == 0), name);
            else if (name.Contains("embeddings", StringComparison.Ordinal))
                AssertWithin(0.02, values);
            else
                AssertWithin(0.02 * Math.Sqrt(768.0 / small.Model.Architecture.HiddenSize), values);
        }

        // As published from 768 values on, and wider for fewer.
        foreach ((int size, double deviation) in new[] { (128, 0.049), (768, 0.02), (1024, 0.02) })
            AssertWithin(deviation, TransformerBlock.Linear("x", 4 * size, 3, size).First().First!([3, 4L * size]).data<float>().ToArray());

        Tensor many = InitialValues.TruncatedNormal(0.02)([200, 500]);
        // Without what is beyond two deviations, the variance is 1 - 4 φ(2) / 0.9545 = 0.7737 of the whole one.
        Assert.AreEqual(0.02 * Math.Sqrt(0.7737), many.std().item<float>(), 1e-4);
        Assert.AreEqual(0, many.mean().item<float>(), 2e-4);

        static void AssertWithin(double deviation, float[] values)
        {
            float most = values.Max(Math.Abs);
            Assert.IsTrue(most <= 2.001 * deviation && most > deviation, FormattableString.Invariant($"{most} with a deviation of {deviation}"));
        }
    }

    [TestMethod]
    [DataRow(0.1f)]
    [DataRow(-3f)]
    [DataRow(1234.5f)]
    public void A_row_whose_values_are_all_the_same_gives_the_shift(float value)
    {
        foreach (int size in (int[])[384, 24, 9])
        {
            float[] row = [.. Enumerable.Repeat(value, size)], normalized = new float[size], shift = [.. Enumerable.Range(0, size).Select(i => i * 0.01f)];
            FusedNormalization.Rows(row, new float[size], size, normalized, [.. Enumerable.Repeat(2f, size)], shift, 1e-12f);
            AssertClose(shift, normalized, 1e-3);
        }
    }

    [TestMethod]
    public void Rows_are_normalized_as_torch_does_it()
    {
        var random = new Random(4);
        foreach (int size in (int[])[1, 9, 24, 48, 384])
        {
            float[] left = Draw(3 * size), right = Draw(3 * (size + 5)), gain = Draw(size), shift = Draw(size), own = new float[3 * size];
            FusedNormalization.Rows(left, right, size + 5, own, gain, shift, 1e-5f);
            Tensor sum = tensor(left, [3, size]) + tensor(right, [3, size + 5]).narrow(1, 0, size);
            Tensor expected = nn.functional.layer_norm(sum, [size], tensor(gain), tensor(shift), 1e-5);
            AssertClose(expected.contiguous().data<float>().ToArray(), own, 1e-5);
        }

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 4) - 1)];
    }

    [TestMethod]
    public void A_product_of_rows_does_not_depend_on_how_many_there_are()
    {
        var random = new Random(4);
        const int Inputs = 37, Units = 150;
        float[] weights = Draw(Inputs * Units), biases = Draw(Units), rows = Draw(40 * Inputs);
        var dense = new FusedDense(weights, biases, rectify: false);
        for (int count = 1; count <= 40; count++)
        {
            float[] output = new float[count * dense.OutputStride];
            dense.Run(rows, Inputs, count, output);
            for (int row = 0; row < count; row++)
            {
                float[] alone = new float[dense.OutputStride];
                dense.Run(rows.AsSpan(row * Inputs), Inputs, 1, alone);
                CollectionAssert.AreEqual(alone, output[(row * dense.OutputStride)..((row + 1) * dense.OutputStride)], $"row {row} of {count}");
                double expected = Enumerable.Range(0, Inputs).Sum(i => (double)rows[(row * Inputs) + i] * weights[i]) + biases[0];
                Assert.AreEqual(expected, alone[0], 1e-4);
            }
        }

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private static BertTexts Read(BertModel model, params string[] texts)
    {
        var read = new BertTexts(model);
        foreach (string text in texts)
            read.Add(text);
        return read;
    }

    private static float[][][] Layers(BertModel model, BertBatch batch) =>
        Layers(BertScorer.Create(model.Architecture, model.Weights, TorchDevice.Cpu), model.Architecture, batch);

    private static float[][][] Layers(BertScorer scorer, BertArchitecture architecture, BertBatch batch)
    {
        var all = new float[batch.Count][][];
        scorer.Run(batch, 0, architecture.Layers, (text, layers) =>
        {
            all[text] = new float[architecture.Layers + 1][];
            for (int layer = 0; layer < all[text].Length; layer++)
                all[text][layer] = layers[layer].ToArray();
        });
        return all;
    }

    private static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])), $"number {i}");
    }
}
