using Microsoft.ML.SearchSpace;

namespace MLNet.Papers;

/// <summary>Options of <see cref="BidirectionalGanTrainer"/>.</summary>
/// <inheritdoc/>
public sealed class BidirectionalGanAnomalyOptions : BidirectionalGanLearningOptions
{
    /// <summary>
    /// The share of the training rows that may be above the threshold, and are anomalies then. From 0 to 0.5. Another one needs no training:
    /// <see cref="AnomalyTransformer.WithContamination"/>.
    /// </summary>
    [Between(0, 0.5), Range(0.001, 0.2, init: 0.01, logBase: true)]
    public double Contamination { get; set; } = 0.01;
}
