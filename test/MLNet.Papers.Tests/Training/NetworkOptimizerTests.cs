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
        using NetworkOptimizer optimizer = kind.Create(ours, beta2: 0.97, momentum);
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
    public void A_weight_without_a_gradient_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using TorchSharp.Modules.Linear network = Network();
        using NetworkOptimizer optimizer = TrainingOptimizer.Adam.Create(network);
        network.forward(ones(1, 3)).sub(network.bias!.detach()).sum().backward();
        optimizer.Step();
        network.bias!.grad = null;
        InvalidOperationException error = Assert.ThrowsExactly<InvalidOperationException>(optimizer.Step);
        Assert.AreEqual("The weight 'bias' has no gradient: it would never be learned.", error.Message);
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
