using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;
using MLNet.Papers.Janet;
using MLNet.Papers.Layers;
using MLNet.Papers.Series;

namespace MLNet.Papers;

/// <summary>Options of <see cref="JanetClassifierTrainer"/> and <see cref="JanetRegressionTrainer"/>.</summary>
/// <remarks>
/// Van der Westhuizen and Lasenby, "The unreasonable effectiveness of the forget gate", 2018, arXiv:1804.04849. Published are two layers of 128 for digits read
/// pixel by pixel, and one layer of 128 for the synthetic tasks; keep 0.9, that is Dropout 0.1; a weight decay of 1e-5, which is
/// <see cref="MinibatchOptions.L2"/> = 5e-6.
/// </remarks>
public sealed class JanetOptions : SeriesOptions
{
    /// <summary>Sets the defaults that differ from those of other techniques.</summary>
    public JanetOptions() => (MaxGradientNorm, L2) = (5, 5e-6);

    /// <summary>Units of the recurrent layers, from the first to the last. At least one layer and at most 64. Each from 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096)]
    public int[] HiddenSizes { get; set; } = [128];

    /// <summary>What the layers are made of.</summary>
    [Defined]
    public JanetCell Cell { get; set; } = JanetCell.Janet;

    /// <summary>β: how much more is let in than is forgotten, with <see cref="JanetCell.Janet"/>. From 0 to 10.</summary>
    [Between(0, 10)]
    public double Beta { get; set; } = 1;

    /// <summary>
    /// Whether the biases of the forget gates begin as the longest dependency asks for (Tallec and Ollivier, "Can recurrent neural networks warp time?", ICLR
    /// 2018, arXiv:1804.11188), with <see cref="JanetCell.Janet"/>; otherwise they begin at 1.
    /// </summary>
    [AnyValue]
    public bool Chrono { get; set; } = true;

    /// <summary>The longest dependency, in steps, that biases are made for; 0 for the longest training row. 0, or at least 3.</summary>
    [LongestDependency]
    public int MaxDependency { get; set; }

    /// <summary>The part of what each layer says of a step that is dropped in training. From 0 to 0.9.</summary>
    [Between(0, 0.9), Range(0.0, 0.5, init: 0.1)]
    public double Dropout { get; set; } = 0.1;

    /// <summary>
    /// Steps that gradients reach back (truncated backpropagation through time), which bounds the memory of a training step on very long rows: a row has the
    /// gradients of at most so many of its last steps. 0 for all steps. At least 0.
    /// </summary>
    [AtLeast(0)]
    public int TruncateSteps { get; set; }

    /// <summary>Rows of an optimizer step; an epoch spreads its rows evenly over as many batches as are full, so that a batch may have a few more. From 2 to
    /// 4096.</summary>
    [TakesMemory, Between(2, 4096), Range(16, 256, init: 64, logBase: true)]
    public override int BatchSize { get; set; } = 64;

    /// <summary>Adam's step size at the start. Greater than 0 and at most 1.</summary>
    [LearningRate, Range(1e-4, 2e-2, init: 1e-3, logBase: true)]
    public override double LearningRate { get; set; } = 1e-3;

    internal override SeriesLearner Learner(int symbols, int outputs, int longest, IChannel channel)
    {
        Layer[] layers = [.. HiddenSizes.Select(units => Cell == JanetCell.Janet ? (Layer)new Layers.Janet(1, units, Beta) : new Lstm(1, units))];
        long steps = TruncateSteps > 0 ? Math.Min(TruncateSteps, longest) : longest;
        int dependency = Cell == JanetCell.LstmChrono || (Cell == JanetCell.Janet && Chrono)
            ? MaxDependency > 0 ? MaxDependency : Math.Max(longest, LongestDependencyAttribute.Least)
            : 0;
        return new RecurrentLearner(
            new()
            {
                Channels = Channels,
                Symbols = symbols,
                EmbeddingSize = symbols > 0 ? EmbeddingSize : 0,
                Layers = layers,
                Outputs = outputs,
                ActivationCount = steps * RecurrentLearner.ValuesOfAStep(layers, symbols > 0 ? EmbeddingSize : Channels),
            },
            dependency, Dropout, TruncateSteps);
    }

    private protected override (string Property, string Message)? FindConflict() =>
        base.FindConflict() ?? (HiddenSizes.Length is < 1 or > 64
            ? (nameof(HiddenSizes), FormattableString.Invariant($"must have from 1 to 64 layers, but had {HiddenSizes.Length}."))
            : null);
}

/// <summary>A longest dependency: with fewer steps the biases would be logarithms of an empty interval.</summary>
internal sealed class LongestDependencyAttribute : NumberRuleAttribute
{
    /// <summary>The shortest that there is.</summary>
    public const int Least = 3;

    public override string Requirement => "0 or at least 3";

    private protected override IEnumerable<double> BrokenNumbers => [-1, 1, 2];

    private protected override bool Allows(double value) => value is 0 or >= Least;
}
