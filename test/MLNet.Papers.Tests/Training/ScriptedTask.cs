using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Training;

/// <summary>A task of a few weights whose loss and validation losses a test writes down, so that every step follows by hand.</summary>
/// <param name="loss">The loss of a step, from the weights.</param>
/// <param name="validationLosses">What validations find, in their order; none if there is no validation.</param>
internal sealed class ScriptedTask(Func<Tensor, long, Random, Tensor> loss, params double[] validationLosses) : TrainingTask, IDisposable
{
    private readonly TorchSharp.Modules.Linear _network = Started();
    private IReadOnlyList<Player>? _players;

    public override nn.Module Network => _network;

    public override bool HasValidation => validationLosses.Length > 0;

    /// <summary>The two weights, which begin at (0, 0).</summary>
    public float[] Weights => _network.weight!.data<float>().ToArray();

    public int Validations { get; private set; }

    /// <summary>Uses Adam, which has a state, in place of plain gradient descent.</summary>
    public bool UsesAdam { get; init; }

    /// <summary>A loss that is added, from the weights and noise; null for none.</summary>
    public Func<Tensor, Noise, Tensor>? NoisyLoss { get; init; }

    public override IReadOnlyList<Player> Players => _players ??= [new Player(_network, UsesAdam ? new AdamSettings() : new GradientDescentSettings())];

    public override void Step(TrainingStep step)
    {
        Assert.IsTrue(_network.training, "The network is not in training mode.");
        Tensor value = loss(_network.weight!.view(2), step.Number, step.Random);
        step.Descend(NoisyLoss is null ? value : value + NoisyLoss(_network.weight!.view(2), step.Noise));
    }

    public override double Validate()
    {
        Assert.IsFalse(_network.training, "The network is not in evaluation mode.");
        Assert.IsFalse((_network.weight! * 1).requires_grad, "Gradients are recorded.");
        return validationLosses[Validations++];
    }

    public void Dispose() => _network.Dispose();

    private static TorchSharp.Modules.Linear Started()
    {
        TorchSharp.Modules.Linear network = nn.Linear(2, 1, hasBias: false);
        using IDisposable noGradient = no_grad();
        network.weight!.zero_().Dispose();  // a second handle to the same weights
        return network;
    }
}
