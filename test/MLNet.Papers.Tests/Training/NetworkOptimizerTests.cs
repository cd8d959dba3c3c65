using MLNet.Papers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Training;

/// <summary>The optimizers against libtorch's own.</summary>
[TestClass]
public sealed class NetworkOptimizerTests
{
    private const double LearningRate = 0.05;

    [TestMethod]
    [DataRow(TrainingOptimizer.Adam, 0.0)]
    [DataRow(TrainingOptimizer.Adagrad, 0.0)]
    [DataRow(TrainingOptimizer.Sgd, 0.0)]
    [DataRow(TrainingOptimizer.Sgd, 0.9)]
    public void Steps_are_those_of_libtorch(TrainingOptimizer kind, double momentum)
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchSharp.Modules.Linear ours = Network(), theirs = Network();
        NetworkOptimizer optimizer = OptimizerSettings.Of(kind, beta2: 0.97, momentum).Create([.. ours.named_parameters()]);
        optimizer.LearningRate = LearningRate;
        using optim.Optimizer reference = kind switch
        {
            TrainingOptimizer.Adam => optim.Adam(theirs.parameters(), LearningRate, beta2: 0.97),
            TrainingOptimizer.Adagrad => optim.Adagrad(theirs.parameters(), LearningRate, initial_accumulator_value: 1),
            _ => optim.SGD(theirs.parameters(), LearningRate, momentum: momentum),
        };
        for (int step = 0; step < 5; step++)
        {
            optimizer.ZeroGradients();
            reference.zero_grad();
            Loss(ours, step).backward();
            Loss(theirs, step).backward();
            optimizer.Step();
            reference.step();
            foreach ((float one, float other) in Values(ours).Zip(Values(theirs)))
                Assert.AreEqual(other, one, 1e-6f);
        }

        Assert.AreEqual(5, optimizer.Steps);
        CollectionAssert.AreNotEqual(Values(Network()), Values(ours));
    }

    [TestMethod]
    public void A_weight_has_its_own_step_size()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchSharp.Modules.Linear ours = Network(), slow = Network(), fast = Network();
        NetworkOptimizer optimizer = new AdamSettings { WeightDecay = 0.1 }.Create([.. ours.named_parameters()]);
        optimizer.ScaleRates(name => name == "bias" ? 1 : 0.25);
        Train(ours, optimizer, LearningRate);
        Train(slow, new AdamSettings { WeightDecay = 0.1 }.Create([.. slow.named_parameters()]), LearningRate / 4);
        Train(fast, new AdamSettings { WeightDecay = 0.1 }.Create([.. fast.named_parameters()]), LearningRate);
        // One step: later gradients depend on all weights.
        CollectionAssert.AreEqual(slow.weight!.data<float>().ToArray(), ours.weight!.data<float>().ToArray());
        CollectionAssert.AreEqual(fast.bias!.data<float>().ToArray(), ours.bias!.data<float>().ToArray());
        CollectionAssert.AreNotEqual(fast.weight!.data<float>().ToArray(), ours.weight!.data<float>().ToArray());

        static void Train(TorchSharp.Modules.Linear network, NetworkOptimizer optimizer, double rate)
        {
            optimizer.LearningRate = rate;
            optimizer.ZeroGradients();
            Loss(network, 0).backward();
            optimizer.Step();
        }
    }

    [TestMethod]
    public void Settings_are_those_of_libtorch()
    {
        AssertSame(new AdamSettings { Beta1 = 0.5, Beta2 = 0.999, Epsilon = 1e-3 }, parameters => optim.Adam(parameters, LearningRate, 0.5, 0.999, 1e-3));
        AssertSame(new RmsPropSettings { Decay = 0.9, Epsilon = 1e-3 }, parameters => optim.RMSProp(parameters, LearningRate, 0.9, 1e-3));
        AssertSame(
            new RmsPropSettings { Decay = 0.9, Epsilon = 1e-3, Momentum = 0.8 },
            parameters => optim.RMSProp(parameters, LearningRate, 0.9, 1e-3, momentum: 0.8));

        // libtorch lets biases decay too.
        AssertSame(
            new AdamSettings { Beta2 = 0.999, WeightDecay = 0.1 }, parameters => optim.AdamW(parameters, LearningRate, 0.9, 0.999, 1e-8, 0.1), hasBias: false);

        static void AssertSame(OptimizerSettings settings, Func<IEnumerable<TorchSharp.Modules.Parameter>, optim.Optimizer> create, bool hasBias = true)
        {
            using DisposeScope scope = NewDisposeScope();
            using TorchSharp.Modules.Linear ours = Network(), theirs = Network();
            ours.bias!.requires_grad = theirs.bias!.requires_grad = hasBias;
            NetworkOptimizer optimizer = settings.Create([.. ours.named_parameters().Where(parameter => parameter.parameter.requires_grad)]);
            optimizer.LearningRate = LearningRate;
            using optim.Optimizer reference = create(theirs.parameters().Where(parameter => parameter.requires_grad));
            for (int step = 0; step < 5; step++)
            {
                optimizer.ZeroGradients();
                reference.zero_grad();
                Loss(ours, step).backward();
                Loss(theirs, step).backward();
                optimizer.Step();
                reference.step();
                foreach ((float one, float other) in Values(ours).Zip(Values(theirs)))
                    Assert.AreEqual(other, one, 1e-6f, $"{settings}, step {step}");
            }
        }
    }

    /// <summary>By hand, for a weight of 1 with the slopes 1 and 2 and steps of 0.1.</summary>
    // What lies in memory otherwise, or on another device, is moved by libtorch's operations.
    [TestMethod]
    public void A_step_in_one_pass_is_that_of_the_operations()
    {
        foreach (AdamSettings settings in new AdamSettings[] { new(), new() { WeightDecay = 0.1, CorrectsBias = false, Epsilon = 1e-3 } })
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor values = linspace(-1, 1, 37 * 11).view(37, 11), factors = values.roll(5).clamp_min(0);  // half of the gradients are 0
            TorchSharp.Modules.Parameter inOnePass = new(values.clone()), byOperations = new(values.t().contiguous().t());
            Assert.IsTrue(inOnePass.is_contiguous() && !byOperations.is_contiguous());
            NetworkOptimizer[] optimizers = [.. new[] { inOnePass, byOperations }.Select(weight => settings.Create([("weight", weight)]))];
            for (int step = 0; step < 5; step++)
            {
                foreach ((TorchSharp.Modules.Parameter weight, NetworkOptimizer optimizer) in new[] { inOnePass, byOperations }.Zip(optimizers))
                {
                    optimizer.LearningRate = LearningRate;
                    optimizer.ZeroGradients();
                    (weight * factors).square().sum().backward();
                    optimizer.Step();
                }

                float[] one = inOnePass.detach().data<float>().ToArray(), other = byOperations.detach().contiguous().data<float>().ToArray();
                foreach ((float actual, float expected) in one.Zip(other))
                    Assert.AreEqual(expected, actual, 1e-6f, $"{settings}, step {step}");
            }

            Assert.IsFalse(inOnePass.allclose(values), "It has not moved.");
        }
    }

    [TestMethod]
    public void Settings_that_libtorch_does_not_have_follow_their_equations()
    {
        // Without correction: means 0.1 and 0.29, squares 0.01 and 0.0499.
        AssertMoves(
            new AdamSettings { CorrectsBias = false, Epsilon = 0 }, 1 - (0.1 * 0.1 / Math.Sqrt(0.01)),
            1 - (0.1 * 0.1 / Math.Sqrt(0.01)) - (0.1 * 0.29 / Math.Sqrt(0.0499)));

        // ε = 0.5 under the root, from a mean of 1: means 1 and 1.3.
        AssertMoves(
            new RmsPropSettings { Decay = 0.9, Epsilon = 0.5, EpsilonUnderRoot = true, InitialSquare = 1 }, 1 - (0.1 / Math.Sqrt(1.5)),
            1 - (0.1 / Math.Sqrt(1.5)) - (0.1 * 2 / Math.Sqrt(1.8)));

        static void AssertMoves(OptimizerSettings settings, params double[] expected)
        {
            using DisposeScope scope = NewDisposeScope();
            var weight = new TorchSharp.Modules.Parameter(ones(1));
            NetworkOptimizer optimizer = settings.Create([("weight", weight)]);
            optimizer.LearningRate = 0.1;
            for (int step = 0; step < expected.Length; step++)
            {
                optimizer.ZeroGradients();
                (weight * (step + 1)).sum().backward();
                optimizer.Step();
                Assert.AreEqual(expected[step], weight.item<float>(), 1e-6, $"{settings}, step {step}");
            }
        }
    }

    [TestMethod]
    public void Step_sizes_rise_and_fall()
    {
        var rates = new LearningRates(2, LearningRateDecay.Tenths, WarmUpSteps: 4);
        CollectionAssert.AreEqual(new[] { 0.5, 1, 1.5, 2, 2 }, Enumerable.Range(0, 5).Select(step => rates.At(step, step / 100.0)).ToArray());
        Assert.AreEqual(0.2, rates.At(60, 0.6), 1e-12);
        Assert.AreEqual(0.02, rates.At(80, 0.8), 1e-12);
        Assert.AreEqual(1, new LearningRates(2, LearningRateDecay.Cosine).At(0, 0.5), 1e-12);
        Assert.AreEqual(0.5, new LearningRates(2, LearningRateDecay.Halving, HalvingInterval: 10).At(25, 0.5), 1e-12);
        Assert.AreEqual(2, new LearningRates(2, LearningRateDecay.None).At(1_000_000, 1), 1e-12);

        // BERT: 10 of 100 steps of warm-up, from 0; then on the line from 2 at the start to 0 at the end.
        var linear = new LearningRates(2, LearningRateDecay.Linear, WarmUpPart: 0.1);
        double[] found = [.. new[] { 0, 1, 9, 10, 50, 99 }.Select(step => linear.At(step, step / 100.0))];
        foreach ((double expected, double actual) in new[] { 0, 0.2, 1.8, 1.8, 1, 0.02 }.Zip(found))
            Assert.AreEqual(expected, actual, 1e-12);
    }

    [TestMethod]
    public void A_weight_without_a_gradient_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchSharp.Modules.Linear network = Network();
        NetworkOptimizer optimizer = OptimizerSettings.Of(TrainingOptimizer.Adam).Create([.. network.named_parameters()]);
        network.forward(ones(1, 3)).sub(network.bias!.detach()).sum().backward();
        optimizer.Step();
        network.bias!.grad = null;
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(optimizer.Step);
        Assert.AreEqual("The weight 'bias' has no gradient: it would never be learned.", error.Message);
    }

    // It is moved in parts, on threads.
    [TestMethod]
    public void A_large_weight_moves_as_TorchSharp_moves_it()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(3).Dispose();
        using TorchSharp.Modules.Linear ours = nn.Linear(701, 311), theirs = nn.Linear(701, 311);
        theirs.load_state_dict(ours.state_dict());
        NetworkOptimizer optimizer = OptimizerSettings.Of(TrainingOptimizer.Adam, beta2: 0.97).Create([.. ours.named_parameters()]);
        optimizer.LearningRate = LearningRate;
        using optim.Optimizer reference = optim.Adam(theirs.parameters(), LearningRate, beta2: 0.97);
        for (int step = 0; step < 3; step++)
        {
            Tensor rows = rand(5, 701);
            optimizer.ZeroGradients();
            reference.zero_grad();
            ours.forward(rows).square().sum().backward();
            theirs.forward(rows).square().sum().backward();
            optimizer.Step();
            reference.step();
        }

        Assert.IsLessThan(1e-5f, (ours.weight! - theirs.weight!).abs().max().item<float>());
    }

    // A step in which a loss does not reach a weight, as where a batch has nothing for it: its memory moves it on.
    [TestMethod]
    public void A_weight_that_a_loss_does_not_reach_has_a_gradient_of_zeros()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchSharp.Modules.Linear network = Network();
        NetworkOptimizer optimizer = OptimizerSettings.Of(TrainingOptimizer.Adam).Create([.. network.named_parameters()]);
        optimizer.LearningRate = 0.1;
        network.forward(ones(1, 3)).sum().backward();
        optimizer.Step();
        float[] first = network.bias!.detach().clone().data<float>().ToArray();
        optimizer.ZeroGradients();
        network.forward(ones(1, 3)).sub(network.bias.detach()).sum().backward();
        network.bias.grad = null;
        optimizer.Step();
        float[] second = network.bias.detach().data<float>().ToArray();
        for (int i = 0; i < first.Length; i++)
            Assert.IsLessThan(first[i], second[i]);
    }

    private static TorchSharp.Modules.Linear Network()
    {
        TorchSharp.Modules.Linear network = nn.Linear(3, 2);
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        network.weight!.copy_(tensor(new[] { 0.5f, -1, 2, 0.25f, 1, -0.5f }, [2, 3]));
        network.bias!.copy_(tensor(new[] { 0.1f, -0.2f }));
        return network;
    }

    private static Tensor Loss(TorchSharp.Modules.Linear network, int step) =>
        network.forward(tensor(new[] { 1f, step % 3, -0.5f * (step % 4) }, [1, 3])).square().sum();

    private static float[] Values(TorchSharp.Modules.Linear network) => [.. network.weight!.data<float>(), .. network.bias!.data<float>()];
}
