using Microsoft.ML.SearchSpace;

namespace MLNet.Papers;

/// <summary>Options of <see cref="BornAgainNetworkTrainer"/>.</summary>
/// <remarks>
/// Furlanello et al., "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770. All generations are trained alike, for all their epochs; validation rows
/// compare them when
/// they are done. Only where <see cref="TrainingOptions.Patience"/> is set, the validation rows also end the training of a generation, whose weights with the
/// lowest loss are then kept.
/// </remarks>
public sealed class BornAgainOptions : StudentOptions
{
    /// <summary>Makes the defaults.</summary>
    public BornAgainOptions() => ValidationFraction = 0.1;

    /// <summary>How many generations are born again after generation 0, which learns from the labels. From 1 to 10; the paper's gains end after 2 or
    /// 3.</summary>
    [Between(1, 10), Range(1, 4, init: 3)]
    public int Generations { get; set; } = 3;

    /// <summary>What a generation learns from the one before it.</summary>
    [Defined]
    public BornAgainObjective Objective { get; set; } = BornAgainObjective.Ban;

    /// <summary>λ, with <see cref="BornAgainObjective.BanWithLabels"/>: how much of the loss of a row is that of its label. From 0 to 1.</summary>
    [Between(0, 1)]
    public double LabelWeight { get; set; } = 0.5;

    /// <summary>Whether the permutation of a row's probabilities is drawn once for each generation instead of anew for every visit, with <see
    /// cref="BornAgainObjective.PermutedPredictions"/>.</summary>
    [AnyValue]
    public bool PermuteOnce { get; set; }

    /// <summary>Which generations the fitted model scores with.</summary>
    [Defined]
    public BornAgainOutput Output { get; set; } = BornAgainOutput.BestOnValidation;

    /// <summary>
    /// Whether, with <see cref="BornAgainOutput.BestOnValidation"/> and a <see cref="MinibatchOptions.ValidationFraction"/>, the generations up to the one that
    /// the held-out rows chose are trained again on all rows, those included, as a fit without held-out rows would train them. Without it the model never
    /// learns the held-out rows. With other <see cref="TrainingOptions.Validation"/> rows, or with <see cref="TrainingOptions.Patience"/>, which needs the
    /// held-out rows to stop by, nothing is trained again.
    /// </summary>
    [AnyValue]
    public bool RefitOnAllRows { get; set; } = true;

    /// <summary>
    /// Whether the model keeps all generations, or only those that it scores with. Of generations that are trained again it keeps none after the chosen one.
    /// </summary>
    [AnyValue]
    public bool KeepGenerations { get; set; } = true;

    /// <summary>Whether generations are trained again on all rows once one of them is chosen.</summary>
    internal bool Refits => RefitOnAllRows && Output == BornAgainOutput.BestOnValidation && Validation is null && Patience is null;

    private protected override (string Property, string Message)? FindConflict()
    {
        if (base.FindConflict() is { } conflict)
            return conflict;
        if (Output == BornAgainOutput.BestOnValidation && Validation is null && ValidationFraction == 0)
            return (nameof(Output), "is BestOnValidation, which needs Validation or a ValidationFraction above 0.");
        return Objective is BornAgainObjective.ConfidenceWeighted && Temperature != 1
            ? (nameof(Temperature), FormattableString.Invariant($"must be 1 with ConfidenceWeighted, where no distribution is learned, but was {Temperature}."))
            : null;
    }
}

/// <summary>What a born-again generation learns. p is what the generation before gives a row, q what this one does, y the label; H(a, b) = −Σ a ln b.</summary>
/// <remarks>Furlanello et al., "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770, sections 3 and 4.</remarks>
public enum BornAgainObjective
{
    /// <summary>H(p, q): the outputs of the generation before, and no labels (BAN).</summary>
    Ban,

    /// <summary>λ H(y, q) + (1 − λ) H(p, q): labels too (BAN+L).</summary>
    BanWithLabels,

    /// <summary>Confidence weighted by teacher max (CWTM): H(y, q), rows weighted by the greatest p of each, the weights of a batch adding up to 1.</summary>
    ConfidenceWeighted,

    /// <summary>Dark knowledge with permuted predictions (DKPP): H(p', q), p' being p with all but its greatest probability in random places.</summary>
    PermutedPredictions,
}

/// <summary>Which generations a born-again network scores with.</summary>
public enum BornAgainOutput
{
    /// <summary>The generation with the lowest loss on the labels of the validation rows, which may be generation 0; trained again on all rows, see <see
    /// cref="BornAgainOptions.RefitOnAllRows"/>.</summary>
    BestOnValidation,

    /// <summary>The last generation.</summary>
    Last,

    /// <summary>The mean probability of all generations but generation 0. Scoring costs as much as all of them.</summary>
    Ensemble,
}
