using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Weights that move together by a loss of their own. Most trainings have one player, adversarial ones several.</summary>
internal sealed class Player
{
    /// <param name="name">Tells it from the others in messages and checkpoints; empty for the only one.</param>
    /// <param name="weights">What it moves. Weights that require no gradient are frozen.</param>
    /// <param name="optimizer">How it moves.</param>
    public Player(string name, IEnumerable<(string Name, Parameter Weight)> weights, OptimizerSettings optimizer)
    {
        (string Name, Parameter Weight)[] learned = [.. weights.Where(weight => weight.Weight.requires_grad)];
        (Name, Weights, Optimizer) = (name, [.. learned.Select(weight => weight.Weight)], optimizer.Create(learned));
    }

    /// <summary>A player that moves all of a network.</summary>
    public Player(nn.Module network, OptimizerSettings optimizer)
        : this("", network.named_parameters(), optimizer)
    {
    }

    public string Name { get; }

    /// <summary>What it moves.</summary>
    public IReadOnlyList<Parameter> Weights { get; }

    /// <summary>How it moves.</summary>
    public NetworkOptimizer Optimizer { get; }

    /// <summary>The greatest norm of its gradients together; null for that of the options.</summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>It moves in the first step and then in every so many-th.</summary>
    public int Interval { get; init; } = 1;

    /// <summary>How often it moves in such a step.</summary>
    public int MovesPerStep { get; init; } = 1;

    /// <summary>What the step size is multiplied by for this player.</summary>
    public double LearningRateScale { get; init; } = 1;

    /// <summary>Whether it moves in a step, from 0.</summary>
    public bool IsDue(long step) => step % Interval == 0;

    /// <summary>How often it has moved after so many steps.</summary>
    public long MovesAfter(long steps) => (steps + Interval - 1) / Interval * MovesPerStep;
}
