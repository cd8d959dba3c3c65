using Microsoft.ML.SearchSpace;

namespace MLNet.Papers;

/// <summary>How a bidirectional GAN is built and learned.</summary>
/// <remarks>Donahue, Krähenbühl and Darrell, "Adversarial Feature Learning", ICLR 2017, arXiv:1605.09782.</remarks>
public abstract class BidirectionalGanLearningOptions : AdversarialAutoencoderOptions
{
    private protected BidirectionalGanLearningOptions() => (HiddenUnits, L2) = ([512, 512], 1.25e-5);

    /// <summary>What codes are drawn from.</summary>
    [Defined]
    public CodeDistribution CodeDistribution { get; set; } = CodeDistribution.Uniform;

    /// <summary>How encoder and generator learn to be each other's inverse.</summary>
    [Defined]
    public BidirectionalGanObjective Objective { get; set; } = BidirectionalGanObjective.BiGan;

    /// <summary>How often training goes through all rows. At least 1; the paper has 400.</summary>
    [AtLeast(1), Range(10, 400, init: 100, logBase: true)]
    public override int Epochs { get; set; } = 100;
}
