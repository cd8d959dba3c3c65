using Microsoft.ML.SearchSpace;

namespace MLNet.Papers;

/// <summary>Options of <see cref="MamlTrainer"/>.</summary>
/// <remarks>
/// Finn, Abbeel and Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017, arXiv:1703.03400. There the network has 64 filters
/// and α is 0.4 with one inner step (Omniglot, 5 ways); the defaults are those of Hsu, Levine and Finn, "Unsupervised Learning via Meta-Learning", ICLR 2019,
/// arXiv:1810.02334.
/// </remarks>
public sealed class MamlOptions : MetaLearningOptions
{
    /// <summary>Makes the options of the paper that the type names.</summary>
    public MamlOptions()
    {
        Filters = 32;
        LearningRateDecay = LearningRateDecay.None;
    }

    /// <summary>Optimizer steps. At least 1.</summary>
    [AtLeast(1), Range(500, 30_000, init: 2_000, logBase: true)]
    public int Steps { get; set; } = 2_000;

    /// <summary>Tasks in one validation; they are the same ones each time. From 1 to 100000.</summary>
    [Between(1, 100_000)]
    public int ValidationEpisodes { get; set; } = 100;

    private protected override (string Property, string Message)? FindConflict() => base.FindConflict() ?? FindMamlConflict();
}
