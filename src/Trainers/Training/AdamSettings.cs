using MLNet.Papers.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Papers.Training;

/// <summary>
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1; with a decay of the weights that goes past the gradients' means,
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2.
/// </summary>
internal sealed record AdamSettings : OptimizerSettings
{
    /// <summary>How much of the mean of gradients is kept at a step.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of the mean of squared gradients is kept at a step.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>What is added to the root of the mean square.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>What part of a weight of two dimensions or more is taken from it at a step, times the step size.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether the means are divided by what they lack at the start; BERT's published training leaves it out.</summary>
    public bool CorrectsBias { get; init; } = true;

    public override NetworkOptimizer Create(IReadOnlyList<(string Name, Parameter Weight)> weights) => new Optimizer(this, weights);

    private sealed class Optimizer(AdamSettings settings, IReadOnlyList<(string Name, Parameter Weight)> weights) : NetworkOptimizer(weights, 0, 0)
    {
        // Some 30 µs of work.
        private const int ValuesOfAPart = 1 << 16;

        private Scalar _keptMean = null!;
        private Scalar _addedMean = null!;
        private Scalar _keptSquare = null!;
        private Scalar _addedSquare = null!;
        private Scalar _squareScale = null!;
        private Scalar _epsilon = null!;
        private Scalar _one = null!;
        private Scalar _step = null!;
        private Scalar _keptWeight = null!;

        private AdamPass _decaying;
        private AdamPass _plain;

        protected override void Prepare(Numbers numbers, double rate)
        {
            double squareScale = settings.CorrectsBias ? Math.Sqrt(1 - Math.Pow(settings.Beta2, Steps)) : 1;
            double step = -rate / (settings.CorrectsBias ? 1 - Math.Pow(settings.Beta1, Steps) : 1);
            double keptWeight = 1 - (rate * settings.WeightDecay);
            (_decaying, _plain) = (new(settings, keptWeight, squareScale, step), new(settings, 1, squareScale, step));
            (_keptMean, _addedMean) = (numbers.Of(settings.Beta1), numbers.Of(1 - settings.Beta1));
            (_keptSquare, _addedSquare) = (numbers.Of(settings.Beta2), numbers.Of(1 - settings.Beta2));
            (_squareScale, _step) = (numbers.Of(squareScale), numbers.Of(step));
            (_epsilon, _keptWeight, _one) = (numbers.Of(settings.Epsilon), numbers.Of(keptWeight), numbers.Of(1));
        }

        protected override void Move(Parameter weight, Tensor gradient, Tensor[] memories)
        {
            (Tensor mean, Tensor square) = (memories[0], memories[1]);
            bool decays = settings.WeightDecay > 0 && weight.dim() > 1;
            if (AreArrays(weight, gradient, mean, square))
            {
                int parts = (int)((weight.NumberOfElements + ValuesOfAPart - 1) / ValuesOfAPart);
                BatchParts.Run(parts, parts > 1, (Pass: decays ? _decaying : _plain, weight, gradient, mean, square), static (all, part) => all.Pass.Run(
                    PartOf(all.weight, part), PartOf(all.gradient, part), PartOf(all.mean, part), PartOf(all.square, part)));
                return;
            }

            if (decays)
                weight.mul_(_keptWeight);
            mean.mul_(_keptMean).add_(gradient, _addedMean);
            square.mul_(_keptSquare).addcmul_(gradient, gradient, _addedSquare);
            weight.addcdiv_(mean, square.sqrt().div_(_squareScale).add_(_epsilon, _one), _step);
        }

        private static Span<float> PartOf(Tensor tensor, int part)
        {
            Span<float> values = ArrayOf(tensor);
            int first = part * ValuesOfAPart;
            return values.Slice(first, Math.Min(ValuesOfAPart, values.Length - first));
        }
    }
}
