using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>RMSProp: steps divided by the root of a running mean of squared gradients (Tieleman and Hinton, "Lecture 6.5", 2012).</summary>
internal sealed record RmsPropSettings : OptimizerSettings
{
    /// <summary>How much of the mean of squared gradients is kept at a step.</summary>
    public double Decay { get; init; } = 0.99;

    /// <summary>What is added to the root, or under it.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>
    /// Whether <see cref="Epsilon"/> stands under the root, as in TensorFlow's form that many published results were made with, and not beside it, as in
    /// torch's.
    /// </summary>
    public bool EpsilonUnderRoot { get; init; }

    /// <summary>What the mean of squared gradients begins with: 0 in torch, 1 in TensorFlow.</summary>
    public double InitialSquare { get; init; }

    /// <summary>How much of the last step is kept.</summary>
    public double Momentum { get; init; }

    public override NetworkOptimizer Create(IReadOnlyList<(string Name, Parameter Weight)> weights) => new Optimizer(this, weights);

    private sealed class Optimizer(RmsPropSettings settings, IReadOnlyList<(string Name, Parameter Weight)> weights)
        : NetworkOptimizer(weights, settings.Momentum > 0 ? [settings.InitialSquare, 0] : [settings.InitialSquare])
    {
        private Scalar _kept = null!;
        private Scalar _added = null!;
        private Scalar _epsilon = null!;
        private Scalar _momentum = null!;
        private Scalar _one = null!;
        private Scalar _step = null!;

        protected override void Prepare(Numbers numbers, double rate)
        {
            (_kept, _added, _epsilon) = (numbers.Of(settings.Decay), numbers.Of(1 - settings.Decay), numbers.Of(settings.Epsilon));
            (_momentum, _one, _step) = (numbers.Of(settings.Momentum), numbers.Of(1), numbers.Of(-rate));
        }

        protected override void Move(Parameter weight, Tensor gradient, Tensor[] memories)
        {
            memories[0].mul_(_kept).addcmul_(gradient, gradient, _added);
            Tensor root = settings.EpsilonUnderRoot ? memories[0].add(_epsilon, _one).sqrt_() : memories[0].sqrt().add_(_epsilon, _one);
            if (settings.Momentum > 0)
                weight.add_(memories[1].mul_(_momentum).addcdiv_(gradient, root, _one), _step);
            else
                weight.addcdiv_(gradient, root, _step);
        }
    }
}
