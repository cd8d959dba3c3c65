using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Training;

/// <summary>A task of a few weights whose loss and validation losses a test writes down, so that every step follows by hand.</summary>
/// <param name="loss">The loss of a step, from the weights.</param>
/// <param name="validationLosses">What validations find, in their order; none if there is no validation.</param>
internal sealed class ScriptedTask(Func<Tensor, long, Random, Tensor> loss, params double[] validationLosses) : TrainingTask, IDisposable
{
    private readonly TorchSharp.Modules.Linear _network = Started();

    public override nn.Module Network => _network;

    public override bool HasValidation => validationLosses.Length > 0;

    /// <summary>The two weights, which begin at (0, 0).</summary>
    public float[] Weights => _network.weight!.data<float>().ToArray();

    public int Validations { get; private set; }

    /// <summary>Uses Adam, which has a state, in place of plain gradient descent.</summary>
    public bool UsesAdam { get; init; }

    public override Tensor ComputeLoss(long step, Random random)
    {
        Assert.IsTrue(_network.training, "The network is not in training mode.");
        return loss(_network.weight!.view(2), step, random);
    }

    public override double Validate()
    {
        Assert.IsFalse(_network.training, "The network is not in evaluation mode.");
        Assert.IsFalse((_network.weight! * 1).requires_grad, "Gradients are recorded.");
        return validationLosses[Validations++];
    }

    public override NetworkOptimizer CreateOptimizer() => UsesAdam ? base.CreateOptimizer() : TrainingOptimizer.Sgd.Create(Network);

    public void Dispose() => _network.Dispose();

    private static TorchSharp.Modules.Linear Started()
    {
        TorchSharp.Modules.Linear network = nn.Linear(2, 1, hasBias: false);
        using IDisposable noGradient = no_grad();
        network.weight!.zero_().Dispose();  // a second handle to the same weights
        return network;
    }
}
