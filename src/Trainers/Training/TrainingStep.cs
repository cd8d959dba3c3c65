using System.Globalization;
using MLNet.Papers.Networks;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>
/// One step of a training, in which a task lets its players move: it adds losses to them, as often and in whatever order its algorithm says, and then moves
/// them.
/// </summary>
/// <param name="number">The step, from 0.</param>
/// <param name="players">Who moves.</param>
/// <param name="learningRate">The step size.</param>
/// <param name="maxGradientNorm">The greatest norm of a player's gradients, for players that have none of their own.</param>
/// <param name="random">A generator that depends on the seed and the step alone, so that a resumed training draws what an unbroken one draws.</param>
/// <param name="noise">The same for tensors.</param>
internal sealed class TrainingStep(long number, IReadOnlyList<Player> players, double learningRate, double? maxGradientNorm, Random random, Noise noise)
{
    private double _loss;

    /// <summary>The step, from 0.</summary>
    public long Number { get; } = number;

    /// <summary>Who may move.</summary>
    public IReadOnlyList<Player> Players { get; } = players;

    public Random Random { get; } = random;

    public Noise Noise { get; } = noise;

    /// <summary>The sum of all losses that were added.</summary>
    public double Loss => _loss;

    /// <summary>Adds the gradient of a loss to those of a player's weights; others that the loss depends on are constants in it.</summary>
    /// <param name="player">Whose loss it is.</param>
    /// <param name="loss">A scalar with a graph.</param>
    /// <param name="scale">What its gradient is multiplied by; the loss that is reported is not.</param>
    /// <param name="keepsGraph">Whether another loss of this step is computed from the same graph.</param>
    /// <exception cref="InvalidOperationException">The loss is not finite.</exception>
    public void Add(Player player, Tensor loss, double scale = 1, bool keepsGraph = false)
    {
        double value = loss.item<float>();
        if (!double.IsFinite(value))
        {
            throw NotFinite(
                string.Create(CultureInfo.InvariantCulture, $"The loss {(player.Name.Length == 0 ? "" : $"of the {player.Name} ")}is {value}"), Number + 1,
                learningRate);
        }

        _loss += value;
        Tensor scaled = scale == 1 ? loss : loss.Times(scale);
        if (Players.Count == 1 && !keepsGraph)
            scaled.backward();
        else
            autograd.backward([scaled], null, keepsGraph, false, [.. player.Weights]);
    }

    /// <summary>Moves a player along the gradients that were added since it moved.</summary>
    /// <exception cref="InvalidOperationException">A weight has no gradient.</exception>
    public void Move(Player player)
    {
        if ((player.MaxGradientNorm ?? maxGradientNorm) is { } norm)
            nn.utils.clip_grad_norm_(player.Weights, Math.Min(norm, float.MaxValue));
        player.Optimizer.LearningRate = learningRate * player.LearningRateScale;
        player.Optimizer.Step();
        // A player that moves twice begins anew.
        if (Players.Count > 1)
            player.Optimizer.ZeroGradients();
    }

    /// <summary>Moves the only player along the gradient of a loss.</summary>
    /// <exception cref="InvalidOperationException">The loss is not finite, or a weight has no gradient.</exception>
    public void Descend(Tensor loss, double scale = 1)
    {
        Add(Players[0], loss, scale);
        Move(Players[0]);
    }

    /// <summary>What to say where a training has left the numbers.</summary>
    public static InvalidOperationException NotFinite(string what, long step, double learningRate) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{what} at step {step} with learning rate {learningRate:G3}. Lower the learning rate, normalize the features or set MaxGradientNorm."));
}
