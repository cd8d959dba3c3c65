using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>
/// Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", JMLR 12, 2011, with sums that begin at 1.
/// </summary>
internal sealed record AdagradSettings : OptimizerSettings
{
    /// <summary>What is added to the root of the sum of squares.</summary>
    public double Epsilon { get; init; } = 1e-10;

    public override NetworkOptimizer Create(IReadOnlyList<(string Name, Parameter Weight)> weights) => new Optimizer(this, weights);

    private sealed class Optimizer(AdagradSettings settings, IReadOnlyList<(string Name, Parameter Weight)> weights) : NetworkOptimizer(weights, 1)
    {
        private Scalar _one = null!;
        private Scalar _epsilon = null!;
        private Scalar _step = null!;

        protected override void Prepare(Numbers numbers, double rate) =>
            (_one, _epsilon, _step) = (numbers.Of(1), numbers.Of(settings.Epsilon), numbers.Of(-rate));

        protected override void Move(Parameter weight, Tensor gradient, Tensor[] memories)
        {
            memories[0].addcmul_(gradient, gradient, _one);
            weight.addcdiv_(gradient, memories[0].sqrt().add_(_epsilon, _one), _step);
        }
    }
}
