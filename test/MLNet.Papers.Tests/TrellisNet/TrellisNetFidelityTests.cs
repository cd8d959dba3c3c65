using Microsoft.ML;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Janet;
using MLNet.Papers.Tests.Networks;
using MLNet.Papers.TrellisNet;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNet.Papers.Tests.TrellisNet;

/// <summary>TrellisNet against its equations: by hand, against LSTMs, and what depends on what.</summary>
[TestClass]
public sealed class TrellisNetFidelityTests : TensorTests
{
    // Without weights and with a candidate of tanh(10) = 1: c = 1/2 and h = tanh(1/2) / 2 at level 1; at level 2 half of the cell before comes to it.
    [TestMethod]
    public void Levels_by_hand()
    {
        var layer = new Trellis(0, 1, Levels: 2, KernelSize: 2, Dilations: [1]);
        Dictionary<string, Tensor> weights = Zeros(layer, 1);
        weights["bias"] = tensor(new float[] { 0, 0, 10, 0 });
        RecurrentState[] levels = layer.Run(zeros(3, 1, 1), name => weights[name]);
        Network.AssertClose([0.5f, 0.5f, 0.5f], Values(levels[0].Cell), 1e-5);
        Network.AssertClose([0.231059f, 0.231059f, 0.231059f], Values(levels[0].Hidden), 1e-5);
        Network.AssertClose([0.5f, 0.75f, 0.75f], Values(levels[1].Cell), 1e-5);
    }

    // Section 4.2 of the paper: as many levels as steps that an LSTM, started from zeros, looks back. With as many as there are steps it is libtorch's LSTM.
    [TestMethod]
    [DataRow(4)]
    [DataRow(12)]
    public void A_truncated_LSTM_is_a_trellis_network(int levels)
    {
        const int Inputs = 3, Units = 5, Steps = 12;
        manual_seed(7).Dispose();
        using IDisposable without = no_grad();
        using var lstm = nn.LSTM(Inputs, Units);
        Dictionary<string, Tensor> known = lstm.state_dict();
        var layer = new Trellis(0, Units, levels, 2, [1]);
        Dictionary<string, Tensor> weights = Zeros(layer, Inputs);
        weights["input"].narrow(0, Inputs, Inputs).copy_(Ordered(known["weight_ih_l0"]).t());  // the tap of the step itself
        weights["recurrent"].narrow(0, 0, Units).copy_(Ordered(known["weight_hh_l0"]).t());  // the tap of the step before
        weights["bias"] = Ordered(known["bias_ih_l0"] + known["bias_hh_l0"]);
        Tensor series = randn(Steps, 2, Inputs), actual = layer.RunSeries(series, name => weights[name]);
        for (int step = 0; step < Steps; step++)
        {
            int first = Math.Max(0, step + 1 - levels);
            Tensor expected = lstm.call(series.narrow(0, first, step + 1 - first), null).Item1[step - first];
            Assert.IsLessThan(1e-6f, (expected - actual[step]).abs().max().item<float>(), $"step {step}");
        }

        // Theirs are i, f, g, o; ours i, o, g, f.
        static Tensor Ordered(Tensor gates)
        {
            Tensor[] parts = gates.chunk(4, 0);
            return cat([parts[0], parts[3], parts[2], parts[1]], 0);
        }
    }

    [TestMethod]
    [DataRow(2, new[] { 1, 2, 4 }, 3)]
    [DataRow(3, new[] { 1, 3 }, 2)]
    public void A_step_changes_itself_and_as_many_steps_after_it_as_the_receptive_field_says(int kernelSize, int[] dilations, int levels)
    {
        using var random = new InitialWeights(8);
        using IDisposable without = no_grad();
        var layer = new Trellis(3, 4, levels, kernelSize, dilations);
        Dictionary<string, Tensor> weights = layer.Weights(2).ToDictionary(weight => weight.Name, weight => randn(weight.Shape));
        const int Changed = 5, Steps = 30;
        Tensor series = randn(Steps, 1, 2), other = series.clone();
        other[Changed] += 1;
        float[] difference = Values((layer.RunSeries(series, name => weights[name]) - layer.RunSeries(other, name => weights[name])).abs().amax([1L, 2L]));
        Assert.AreEqual(1 + ((kernelSize - 1) * dilations.Sum()), layer.ReceptiveField);
        for (int step = 0; step < Steps; step++)
        {
            if (step < Changed || step >= Changed + layer.ReceptiveField)
                Assert.AreEqual(0f, difference[step], $"step {step}");
        }

        Assert.IsGreaterThan(0, difference[Changed]);
        Assert.IsGreaterThan(0, difference[Changed + (int)layer.ReceptiveField - 1]);
    }

    // Two halves with carried states: at the first step of the second half h and c of every level are those of the last level before it.
    // From N(0, 0.01²), as published for 1,400 values, 32 values would tell of the first step as little as 1e-10: seven levels each hand on a hundredth.
    [TestMethod]
    [DataRow(16, 16, 0.102)]
    [DataRow(1_000, 400, 0.0154)]
    public void States_of_few_values_begin_with_wider_weights(int hidden, int outputs, double deviation)
    {
        using var random = new InitialWeights(15);
        using IDisposable without = no_grad();
        LayerWeight recurrent = new Trellis(hidden, outputs, 2, 2, [1]).Weights(20).Single(weight => weight.Name == "recurrent");
        Assert.AreEqual(deviation, recurrent.First!(recurrent.Shape).std().item<float>(), 0.05 * deviation);
    }

    [TestMethod]
    public void The_first_step_of_a_long_series_is_felt_before_training()
    {
        using var random = new InitialWeights(16);
        using IDisposable without = no_grad();
        var layer = new Trellis(16, 16, 7, 2, [1, 2, 4, 8, 16, 32, 64]);
        Dictionary<string, Tensor> weights = layer.Weights(2).ToDictionary(weight => weight.Name, weight => weight.First!(weight.Shape).to(float64));
        Tensor series = rand([100, 1, 2], float64), changed = series.clone();
        changed[0] += 1;
        Tensor difference = layer.RunSeries(changed, name => weights[name])[99] - layer.RunSeries(series, name => weights[name])[99];
        Assert.IsGreaterThan(1e-8, difference.abs().max().item<double>());
    }

    [TestMethod]
    public void States_that_are_carried_stand_before_the_first_step_of_every_level()
    {
        using var random = new InitialWeights(9);
        using IDisposable without = no_grad();
        var layer = new Trellis(2, 3, 3, 2, [1, 2]);
        Dictionary<string, Tensor> weights = layer.Weights(2).ToDictionary(weight => weight.Name, weight => randn(weight.Shape));
        Tensor series = randn(6, 2, 2), kept = series.clone();
        var before = new RecurrentState(randn(2, 5), randn(2, 5));
        RecurrentState[] carried = layer.Run(series, name => weights[name], before);
        Assert.AreEqual(0, (series - kept).abs().max().item<float>(), "The input must stay as it is.");
        // By the equations, one place at a time.
        for (int level = 0; level < 3; level++)
        {
            int dilation = layer.Dilation(level);
            for (int step = 0; step < 6; step++)
            {
                Tensor X(int time) => time < 0 ? zeros(2, 2) : series[time];
                Tensor H(int time) => time < 0 ? before.Hidden : level == 0 ? zeros(2, 5) : carried[level - 1].Hidden[time];
                Tensor C(int time) => time < 0 ? before.Cell : level == 0 ? zeros(2, 5) : carried[level - 1].Cell[time];
                Tensor all = weights["bias"] + cat([X(step - dilation), X(step)], 1).matmul(weights["input"])
                    + cat([H(step - dilation), H(step)], 1).matmul(weights["recurrent"]);
                Tensor[] gates = all.chunk(4, 1);
                Tensor cell = (gates[3].sigmoid() * C(step - dilation)) + (gates[0].sigmoid() * gates[2].tanh());
                Assert.IsLessThan(1e-5f, (cell - carried[level].Cell[step]).abs().max().item<float>(), $"level {level}, step {step}");
                Assert.IsLessThan(
                    1e-5f, ((gates[1].sigmoid() * cell.tanh()) - carried[level].Hidden[step]).abs().max().item<float>(), $"level {level}, step {step}");
            }
        }
    }

    // The kernels compute the times alone that the last output depends on; whole series by torch say the same.
    [TestMethod]
    public void Kernels_look_at_what_the_last_step_depends_on()
    {
        using var random = new InitialWeights(10);
        using IDisposable without = no_grad();
        foreach ((int kernelSize, int[] dilations, int levels) in new[] { (2, new[] { 1, 2, 4, 8 }, 4), (3, [1], 5), (2, [3, 1], 6) })
        {
            var layer = new Trellis(3, 4, levels, kernelSize, dilations);
            Dictionary<string, Tensor> weights = layer.Weights(2).ToDictionary(weight => weight.Name, weight => randn(weight.Shape) * 0.5);
            ISeriesKernel kernel = layer.SeriesKernel(name => weights[name].data<float>().ToArray());
            int[] lengths = [40, 17, 5, 1];
            var packed = new PackedSequences(lengths);
            Tensor series = randn(40, 4, 2);
            float[] input = new float[packed.Total * 2], last = new float[4 * 4], all = new float[packed.Total * 4];
            for (int step = 0; step < 40; step++)
            {
                for (int row = 0; row < packed.Active(step); row++)
                    Values(series[step, row]).CopyTo(input, (packed.Offset(step) + row) * 2);
            }

            kernel.RunToLast(packed, input, last);
            kernel.RunSeries(packed, input, all);
            Tensor expected = layer.RunSeries(series, name => weights[name]);
            for (int row = 0; row < lengths.Length; row++)
            {
                Network.AssertClose(Values(expected[lengths[row] - 1, row]), last[(row * 4)..((row + 1) * 4)], 1e-5);
                for (int step = 0; step < lengths[row]; step++)
                    Network.AssertClose(Values(expected[step, row]), all.AsSpan((packed.Offset(step) + row) * 4, 4).ToArray(), 1e-5);
            }

            int Computed(bool isLast) => new TrellisTimes(layer, 40, isLast).Levels.Sum(level => level.Count);
            Assert.IsLessThan(Computed(isLast: false), Computed(isLast: true));
        }
    }

    [TestMethod]
    public void Folded_weights_are_the_direction_at_its_length()
    {
        using var random = new InitialWeights(11);
        TrellisLearner learner = Learner(new() { WeightNorm = true, HiddenSize = 3, OutputSize = 2, Levels = 2 });
        using WeightModule module = learner.Create();
        using IDisposable without = no_grad();
        foreach (Tensor length in new[] { module.Of("layers.0.input.length"), module.Of("layers.0.recurrent.length") })
            length.mul_(3);
        Tensor series = randn(5, 2, 2), last = tensor(new long[] { 4, 2 });
        (Tensor before, _) = learner.Features(series, last, learner.Weights(module, null), null).Single();
        NetworkWeights folded = learner.Result(module);
        Dictionary<string, Tensor> plain = learner.Architecture.AllWeights()
            .ToDictionary(weight => weight.Name, weight => tensor(folded[weight.Name], weight.Shape));
        Tensor after = learner.Architecture.Features(series, last, name => plain[name]);
        Assert.IsLessThan(1e-6f, (before - after).abs().max().item<float>());
        Tensor expected = module.Of("layers.0.recurrent.direction") * 3;
        Assert.IsLessThan(1e-6f, (plain["layers.0.recurrent"] - expected).abs().max().item<float>());
    }

    // One mask for all steps and levels: with everything else equal, dropped places of h reach no gate at any time. The mask is seen by its gradient.
    [TestMethod]
    public void The_same_places_are_dropped_in_all_steps_and_levels()
    {
        using var random = new InitialWeights(12);
        List<Tensor> dropped = [];
        var layer = new Trellis(30, 10, 4, 2, [1, 2]);
        Dictionary<string, Tensor> weights = layer.Weights(2).ToDictionary(weight => weight.Name, weight => randn(weight.Shape));
        using var noise = new Noise(CPU);
        noise.Begin(3);
        Func<Tensor, Tensor> drop = TrellisLearner.OverTime(0.5, noise);
        layer.Run(randn(6, 2, 2), name => weights[name], drop: hidden =>
        {
            dropped.Add(drop(hidden));
            return dropped[^1];
        });
        Assert.HasCount(3, dropped);
        Tensor zeros = dropped[0][0] == 0;
        Assert.IsTrue(zeros.any().item<bool>() && !zeros.all().item<bool>());
        foreach (Tensor level in dropped)
            Assert.IsTrue(((level == 0) == zeros.unsqueeze(0)).all().item<bool>());
    }

    // DropConnect leaves the tap of the step itself alone.
    [TestMethod]
    public void Weights_of_the_step_itself_are_not_dropped()
    {
        using var random = new InitialWeights(13);
        TrellisLearner learner = Learner(new() { WeightNorm = false, WeightDropout = 0.5, HiddenSize = 30, OutputSize = 10, Levels = 2 });
        using WeightModule module = learner.Create();
        using var noise = new Noise(CPU);
        noise.Begin(4);
        Tensor used = learner.Weights(module, noise)("layers.0.recurrent"), all = module.Of("layers.0.recurrent");
        Assert.AreEqual(0, (used.narrow(0, 40, 40) - all.narrow(0, 40, 40)).abs().max().item<float>());
        Assert.AreEqual(0.5, (used.narrow(0, 0, 40) == 0).to(float32).mean().item<float>(), 0.03);
        Assert.AreEqual(0, (learner.Weights(module, null)("layers.0.recurrent") - all).abs().max().item<float>());
    }

    [TestMethod]
    public void Levels_between_learn_with_their_weight()
    {
        using var random = new InitialWeights(14);
        TrellisLearner learner = Learner(new() { AuxiliaryWeight = 0.3, AuxiliaryEvery = 2, HiddenSize = 3, OutputSize = 2, Levels = 6 });
        using WeightModule module = learner.Create();
        using var noise = new Noise(CPU);
        noise.Begin(5);
        Tensor series = randn(9, 1, 2), last = tensor(new long[] { 8 });
        CollectionAssert.AreEqual(
            new[] { 1, 0.3, 0.3 }, learner.Features(series, last, learner.Weights(module, noise), noise).Select(each => each.Share).ToArray());
        Assert.HasCount(1, learner.Features(series, last, learner.Weights(module, null), null).ToArray());
    }

    [TestMethod]
    public void A_series_longer_than_the_receptive_field_is_said_with_both_numbers()
    {
        List<string> warnings = [];
        var ml = new MLContext(seed: 1);
        ml.Log += (_, entry) => warnings.Add(entry.RawMessage);
        ml.MulticlassClassification.Trainers.TrellisNet(
            "Label", "Series", new() { HiddenSize = 2, OutputSize = 2, Levels = 2, Dilations = [1], Epochs = 1 })
            .Fit(JanetFidelityTests.Beginnings()).Dispose();
        Assert.ContainsSingle(
            warning => warning.Contains("looks at the last 3 steps of a series, but the longest training row has 23.", StringComparison.Ordinal), warnings);
    }

    [TestMethod]
    public void A_training_that_takes_too_much_memory_is_refused_with_the_bytes()
    {
        MLNet.Papers.Training.TrainingMemory.Limit = 1 << 20;
        try
        {
            InvalidOperationException refusal = Assert.ThrowsExactly<InvalidOperationException>(() => new MLContext(seed: 1).MulticlassClassification.Trainers
                .TrellisNet("Label", "Series", new() { Levels = 150 }).Fit(JanetFidelityTests.Beginnings()));
            Assert.StartsWith("TrellisNetOptions: ", refusal.Message);
            Assert.Contains("Levels = 150", refusal.Message);
        }
        finally
        {
            MLNet.Papers.Training.TrainingMemory.Limit = null;
        }
    }

    private static TrellisLearner Learner(TrellisNetOptions options) => new(
        new()
        {
            Channels = 2,
            Symbols = 0,
            EmbeddingSize = 0,
            Layers = [new Trellis(options.HiddenSize, options.OutputSize, options.Levels, options.KernelSize, options.Dilations)],
            Outputs = 2,
        },
        options.Regularization);

    private static Dictionary<string, Tensor> Zeros(Trellis layer, int inputs) =>
        layer.Weights(inputs).ToDictionary(weight => weight.Name, weight => zeros(weight.Shape));

    private static float[] Values(Tensor values) => values.contiguous().data<float>().ToArray();
}
