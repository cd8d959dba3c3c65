using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.LanguageModel;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Series;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.LanguageModel;

/// <summary>Whether the network is a language model: probabilities of all rows, by hand, against libtorch, and what it learns.</summary>
[TestClass]
public sealed class LanguageModelFidelityTests
{
    public static IEnumerable<object[]> Kinds => Enum.GetValues<LanguageModelKind>().Select(kind => new object[] { kind });

    /// <summary>Every row either ends within T tokens or goes on: the probabilities of all of them sum to 1.</summary>
    [TestMethod, DynamicData(nameof(Kinds))]
    public void The_probabilities_of_all_rows_sum_to_one(LanguageModelKind kind)
    {
        const int Keys = 3, Most = 4;
        int[][][] ofLength = new int[Most + 1][][];
        ofLength[0] = [[]];
        for (int length = 1; length <= Most; length++)
            ofLength[length] = [.. ofLength[length - 1].SelectMany(row => Enumerable.Range(1, Keys).Select(key => (int[])[.. row, key]))];
        foreach (bool ties in new[] { true, false })
        {
            using LanguageModelTransformer model = SmallLanguageModel.Drawn(SmallLanguageModel.Options(kind, ties), Keys);
            int[][] rows = [.. ofLength.SelectMany(some => some)];
            float[][] said = SmallLanguageModel.PerToken(model, SmallLanguageModel.Rows(Keys, rows));
            double sum = rows.Zip(said).Sum(row => Math.Exp(row.Second[..(row.First.Length < Most ? row.First.Length + 1 : Most)].Sum(log => (double)log)));
            Assert.AreEqual(1, sum, 1e-5, $"ties: {ties}");
        }
    }

    /// <remarks>
    /// A JANET cell with all weights 0 and the candidate's bias 10: h = 0.7310586 and then 0.5 h + 0.7310586 = 1.0965879 (the card's values). Logits are 0 for
    /// the edge and h for the key: p(key) = σ(0.7310586) = 0.6750, p(end) = 1 - σ(1.0965879) = 0.2504.
    /// </remarks>
    [TestMethod]
    public void A_row_of_one_key_by_hand()
    {
        SeriesArchitecture architecture = SmallLanguageModel.Architecture(
            new() { Kind = LanguageModelKind.Janet, HiddenSize = 1, TieWeights = false }, keys: 1);
        using LanguageModelTransformer model = SmallLanguageModel.Of(architecture, (name, count) => name switch
        {
            "layers.0.bias" => [0, 10],
            "head.weight" => [0, 1],
            _ => new float[count],
        });
        float[] said = SmallLanguageModel.PerToken(model, SmallLanguageModel.Rows(1, [1]))[0];
        Assert.HasCount(2, said);
        Assert.AreEqual(Math.Log(1 / (1 + Math.Exp(-0.7310586))), said[0], 1e-5);
        Assert.AreEqual(Math.Log(1 - (1 / (1 + Math.Exp(-1.0965879)))), said[1], 1e-5);
        Assert.AreEqual(said[0] + said[1], model.Transform(SmallLanguageModel.Rows(1, [1])).GetColumn<float>("LogProbability").Single(), 1e-6);
    }

    private static float[] Values(Tensor values) => values.contiguous().data<float>().ToArray();

    /// <summary>The same weights in libtorch's own LSTM, whose gates are input, forget, candidate, output, and vectors that predict as they are read.</summary>
    [TestMethod]
    public void The_lstm_is_that_of_libtorch()
    {
        Libtorch.Require();
        const int Keys = 4, Size = 5;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        var values = new Dictionary<string, float[]>();
        SeriesArchitecture architecture = SmallLanguageModel.Architecture(new() { HiddenSize = Size }, Keys);
        Assert.IsTrue(architecture.TiesWeights);
        Assert.IsFalse(architecture.AllWeights().Any(weight => weight.Name == "head.weight"), "A tied head has no weights of its own.");
        var random = new Random(2);
        using LanguageModelTransformer model = SmallLanguageModel.Of(
            architecture, (name, count) => values[name] = [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)]);
        using TorchSharp.Modules.LSTM lstm = nn.LSTM(Size, Size);
        (string Ours, string Theirs)[] names = [("layers.0.input", "weight_ih_l0"), ("layers.0.recurrent", "weight_hh_l0"), ("layers.0.bias", "bias_ih_l0")];
        Dictionary<string, Tensor> state = lstm.state_dict();
        state["bias_hh_l0"].zero_();
        foreach ((string ours, string theirs) in names)
        {
            Tensor[] gates = tensor(values[ours]).view(-1, 4 * Size).chunk(4, 1);  // input, forget, output, candidate
            Tensor ordered = cat([gates[0], gates[1], gates[3], gates[2]], 1);
            state[theirs].copy_(theirs.StartsWith("bias", StringComparison.Ordinal) ? ordered.flatten() : ordered.t());
        }

        int[] row = [2, 4, 1, 1, 3];
        Tensor table = tensor(values["embedding"], [Keys + 1, Size]);
        Tensor read = table.index_select(0, tensor(new long[] { 0, 2, 4, 1, 1, 3 })).unsqueeze(1);
        Tensor logits = nn.functional.linear(lstm.call(read).Item1.squeeze(1), table, tensor(values["head.bias"]));
        float[] expected = Values(nn.functional.log_softmax(logits, 1).gather(1, tensor(new long[] { 2, 4, 1, 1, 3, 0 }).unsqueeze(1)));
        float[] said = SmallLanguageModel.PerToken(model, SmallLanguageModel.Rows(Keys, row))[0];
        for (int step = 0; step < expected.Length; step++)
            Assert.AreEqual(expected[step], said[step], 1e-5, $"step {step}");
    }

    /// <summary>Reading step by step, with rows that end and others that take their places, gives what a run over all steps gives.</summary>
    [TestMethod, DynamicData(nameof(Kinds))]
    public void Steps_give_what_a_run_gives(LanguageModelKind kind)
    {
        var random = new Random(7);
        foreach (ISeriesLayer layer in SmallLanguageModel.Architecture(SmallLanguageModel.Options(kind), 4).SeriesLayers().Take(1))
        {
            int[] lengths = [9, 9, 7, 2];
            const int Inputs = 4;
            Dictionary<string, float[]> weights = layer.Weights(Inputs).ToDictionary(
                weight => weight.Name, weight => Draw((int)weight.Shape.Aggregate((product, size) => product * size)));
            ISeriesKernel kernel = layer.SeriesKernel(name => weights[name]);
            var packed = new PackedSequences(lengths);
            float[] input = Draw(packed.Total * Inputs), expected = new float[packed.Total * layer.OutputSize];
            kernel.RunSeries(packed, input, expected);
            SeriesState state = kernel.ZeroState(lengths.Length, lengths[0]);
            // The last series stands in the place of the second, and back: what is said of a series does not depend on its place.
            float[] output = new float[lengths.Length * layer.OutputSize];
            for (int step = 0; step < packed.Steps; step++)
            {
                int active = packed.Active(step);
                kernel.Step(state, active, input.AsSpan(packed.Offset(step) * Inputs, active * Inputs), output);
                Assert.IsTrue(
                    expected.AsSpan(packed.Offset(step) * layer.OutputSize, active * layer.OutputSize)
                        .SequenceEqual(output.AsSpan(0, active * layer.OutputSize)),
                    $"step {step}");
            }

            SeriesState moved = kernel.ZeroState(2, lengths[0]);
            for (int step = 0; step < lengths[0]; step++)
            {
                // The second series is alone from the fourth step on, in the first one's place.
                int rows = step < 3 ? 2 : 1, first = step < 3 ? 0 : 1;
                if (step == 3)
                    moved.Copy(1, 0);
                kernel.Step(moved, rows, input.AsSpan((packed.Offset(step) + first) * Inputs, rows * Inputs), output);
                int row = step < 3 ? 1 : 0;
                Assert.IsTrue(
                    expected.AsSpan((packed.Offset(step) + 1) * layer.OutputSize, layer.OutputSize)
                        .SequenceEqual(output.AsSpan(row * layer.OutputSize, layer.OutputSize)), $"moved, step {step}");
            }
        }

        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];
    }

    [TestMethod, DynamicData(nameof(Kinds))]
    public void A_token_changes_nothing_that_stands_before_it(LanguageModelKind kind)
    {
        using LanguageModelTransformer model = SmallLanguageModel.Drawn(SmallLanguageModel.Options(kind), keys: 3);
        int[] row = [1, 2, 3, 1, 2, 3];
        float[] said = SmallLanguageModel.PerToken(model, SmallLanguageModel.Rows(3, row))[0];
        for (int place = 0; place < row.Length; place++)
        {
            int[] other = [.. row];
            other[place] = (other[place] % 3) + 1;
            float[] changed = SmallLanguageModel.PerToken(model, SmallLanguageModel.Rows(3, other))[0];
            CollectionAssert.AreEqual(said[..place], changed[..place]);
            Assert.AreNotEqual(said[place + 1], changed[place + 1], $"The token at {place} must change what follows.");
        }
    }

    /// <summary>Every prediction counts in one window, and rests on as much history as it can.</summary>
    [TestMethod]
    public void Windows_count_each_prediction_once()
    {
        for (int length = 2; length < 8; length++)
        {
            for (int history = 0; history < length; history++)
            {
                for (int steps = 1; steps < 30; steps++)
                {
                    TokenWindow[] windows = [.. TokenWindow.Of(100, steps, length, history)];
                    int[] counted = [.. windows.SelectMany(window => Enumerable.Range(window.First + window.History, window.Steps - window.History))];
                    CollectionAssert.AreEqual(Enumerable.Range(100, steps).ToArray(), counted, $"{steps} steps, windows of {length} with {history}");
                    Assert.IsTrue(
                        windows.All(window => window.Steps <= length && window.History == (window.First == 100 && window == windows[0] ? 0 : history)));
                }
            }
        }
    }

    /// <summary>
    /// A trellis network that looks back no farther than the history of a window learns from cut rows what it says of whole ones: the loss of a validation is
    /// the mean of all predictions, whatever is padded and masked.
    /// </summary>
    [TestMethod]
    public void The_loss_of_windows_is_that_of_whole_rows()
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = Sentences(40, longest: 20), held = Sentences(15, longest: 23);
        double? least = null;
        var options = new LanguageModelOptions
        {
            Kind = LanguageModelKind.TrellisNet,
            HiddenSize = 4,
            EmbeddingSize = 3,
            Levels = 2,
            Dilations = [1],
            WindowLength = 6,
            History = 3,
            Epochs = 3,
            BatchSize = 8,
            Dropout = 0.2,
            Validation = held,
            ValidationInterval = 1,
            Progress = new ProgressList(progress => least = progress.ValidationLoss is { } loss ? Math.Min(least ?? loss, loss) : least),
        };
        using LanguageModelTransformer model = ml.Generation.Trainers.LanguageModel("Keys", options).Fit(rows);
        LanguageModelMetrics metrics = model.Evaluate(held);
        Assert.AreEqual(Math.Log(metrics.Perplexity), least!.Value, 1e-5);
        Assert.AreEqual(metrics.BitsPerToken, least.Value / Math.Log(2), 1e-5);
        float[] each = [.. model.Transform(held).GetColumn<float>("LogProbability")];
        Assert.AreEqual(metrics.LogProbability, each.Average(), 1e-4);
        Assert.AreEqual(metrics.Predictions, SmallLanguageModel.PerToken(model, held).Sum(row => row.Length));
    }

    /// <summary>Independent symbols with known frequencies, and an end with probability 0.2: nothing can predict them better than their entropy.</summary>
    [TestMethod, DynamicData(nameof(Kinds))]
    public void Frequencies_of_independent_symbols_are_learned(LanguageModelKind kind)
    {
        double[] symbols = [0, 0.6, 0.3, 0.1], all = [0.2, 0.48, 0.24, 0.08];
        // One first token, and then 5 predictions in the mean until the end.
        double entropy = (Entropy(symbols) + (5 * Entropy(all))) / 6;
        var ml = new MLContext(seed: 1);
        var options = new LanguageModelOptions
        {
            Kind = kind,
            HiddenSize = 8,
            Levels = 2,
            Dilations = [1],
            WeightNorm = false,
            Dropout = 0,
            Epochs = 3,
            BatchSize = 16,
            LearningRate = 3e-2,
            WindowLength = 12,
            History = 4,
        };
        using LanguageModelTransformer model = ml.Generation.Trainers.LanguageModel("Keys", options).Fit(Independent(1500, seed: 1));
        double loss = Math.Log(model.Evaluate(Independent(2000, seed: 2)).Perplexity);
        Assert.AreEqual(entropy, loss, 0.025);

        // Rows that it makes have these frequencies too.
        uint[] made = [.. SmallLanguageModel.Keys(model.Generate(2000, seed: 3, maxLength: 60)).SelectMany(row => row)];
        for (int key = 1; key <= 3; key++)
            Assert.AreEqual(symbols[key], made.Count(one => one == key) / (double)made.Length, 0.05, $"key {key}");

        static double Entropy(double[] frequencies) => -frequencies.Where(frequency => frequency > 0).Sum(frequency => frequency * Math.Log(frequency));

        MemoryView Independent(int count, int seed)
        {
            var random = new Random(seed);
            return SmallLanguageModel.Rows(3, [.. Enumerable.Range(0, count).Select(_ =>
            {
                List<int> row = [];
                do
                {
                    double drawn = random.NextDouble();
                    row.Add(drawn < 0.6 ? 1 : drawn < 0.9 ? 2 : 3);
                }
                while (random.NextDouble() >= 0.2);
                return row.ToArray();
            })]);
        }
    }

    /// <summary>
    /// Each key follows from the one before it, but for the first and the end: a network with the frequencies alone would lose 1.4 nats of 1.6.
    /// </summary>
    [TestMethod, DynamicData(nameof(Kinds))]
    public void What_follows_a_token_is_learned(LanguageModelKind kind)
    {
        var ml = new MLContext(seed: 1);
        MemoryView rows = SmallLanguageModel.Rows(
            4, [.. Enumerable.Range(0, 200).Select(row => Enumerable.Range(0, 12).Select(place => ((row + place) % 4) + 1).ToArray())]);
        foreach (int levels in new[] { 3, 1 })
        {
            var options = new LanguageModelOptions { Kind = kind, HiddenSize = 12, Levels = levels, Epochs = 12, BatchSize = 16, LearningRate = 1e-2 };
            using LanguageModelTransformer model = ml.Generation.Trainers.LanguageModel("Keys", options).Fit(rows);
            Assert.IsLessThan(0.6, Math.Log(model.Evaluate(rows).Perplexity), $"{levels} levels");
            if (kind != LanguageModelKind.TrellisNet)
                break;
        }
    }

    private static MemoryView Sentences(int count, int longest)
    {
        var random = new Random(count);
        return SmallLanguageModel.Rows(4, [.. Enumerable.Range(0, count).Select(row =>
            Enumerable.Range(0, 1 + random.Next(longest)).Select(place => ((row + place + random.Next(2)) % 4) + 1).ToArray())]);
    }
}
