using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>Stochastic gradient descent; with momentum the step goes along the sum of all gradients, each the weaker the longer ago it was.</summary>
/// <param name="Momentum">How much of the sum is kept at a step.</param>
internal sealed record GradientDescentSettings(double Momentum = 0) : OptimizerSettings
{
    public override NetworkOptimizer Create(IReadOnlyList<(string Name, Parameter Weight)> weights) => new Optimizer(this, weights);

    private sealed class Optimizer(GradientDescentSettings settings, IReadOnlyList<(string Name, Parameter Weight)> weights)
        : NetworkOptimizer(weights, settings.Momentum > 0 ? [0] : [])
    {
        private Scalar _kept = null!;
        private Scalar _one = null!;
        private Scalar _step = null!;

        protected override void Prepare(Numbers numbers, double rate) =>
            (_kept, _one, _step) = (numbers.Of(settings.Momentum), numbers.Of(1), numbers.Of(-rate));

        protected override void Move(Parameter weight, Tensor gradient, Tensor[] memories)
        {
            Tensor direction = memories.Length == 0 ? gradient : memories[0].mul_(_kept).add_(gradient, _one);
            weight.add_(direction, _step);
        }
    }
}
