using Microsoft.ML.SearchSpace;

namespace MLNet.Papers;

/// <summary>Options of <see cref="DistillationTrainer"/> and <see cref="BinaryDistillationTrainer"/>.</summary>
/// <remarks>
/// Furlanello et al., "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770; Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network",
/// 2015, arXiv:1503.02531.
/// With <see cref="TrainingOptions.Validation"/> or <see cref="MinibatchOptions.ValidationFraction"/> the weights with the lowest loss on the labels of the
/// validation rows are kept.
/// </remarks>
public sealed class DistillationOptions : StudentOptions
{
    /// <summary>What the teacher's scores are; checked in every row.</summary>
    [Defined]
    public TeacherScores TeacherScores { get; set; } = TeacherScores.Probabilities;

    /// <summary>
    /// λ: how much of the loss of a labelled row is that of its label, the rest being that of the teacher's distribution. A row without a label learns from
    /// the teacher alone.
    /// From 0 (labels are not looked at) to 1 (the teacher is not).
    /// </summary>
    [Between(0, 1), Range(0.0, 1.0, init: 0.0)]
    public double LabelWeight { get; set; }
}
