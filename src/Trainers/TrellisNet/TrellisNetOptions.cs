using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;
using MLNet.Papers.Layers;
using MLNet.Papers.Series;
using MLNet.Papers.TrellisNet;

namespace MLNet.Papers;

/// <summary>Options of <see cref="TrellisNetClassifierTrainer"/> and <see cref="TrellisNetRegressionTrainer"/>.</summary>
/// <remarks>
/// Bai, Kolter and Koltun, "Trellis Networks for Sequence Modeling", ICLR 2019, arXiv:1810.06682. Published for digits read pixel by pixel: 11 levels with
/// dilations 1, 1, 2, 4, ..., 512, hidden size 120, Adam with 4e-3, gradients cut at 0.5, batches of 64.
/// </remarks>
public sealed class TrellisNetOptions : SeriesOptions
{
    /// <summary>Sets the defaults that differ from those of other techniques.</summary>
    public TrellisNetOptions() => MaxGradientNorm = 0.5;

    /// <summary>Values of a step's state that are not read by the linear layer. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096)]
    public int HiddenSize { get; set; } = 100;

    /// <summary>Values of a step's state in the last level that the linear layer reads. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096)]
    public int OutputSize { get; set; } = 64;

    /// <summary>How many levels there are. From 1 to 200.</summary>
    [TakesMemory, Between(1, 200), Range(4, 16, init: 10)]
    public int Levels { get; set; } = 10;

    /// <summary>How many steps a level reads at once, the step itself included. From 2 to 5.</summary>
    [TakesMemory, Between(2, 5)]
    public int KernelSize { get; set; } = 2;

    /// <summary>
    /// Steps from one that a level reads to the next, for the first levels; then they begin again. The network looks back (KernelSize - 1) times their sum over
    /// all levels. At least one and at most 200. Each from 1 to 65536.
    /// </summary>
    [Between(1, 65_536)]
    public int[] Dilations { get; set; } = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

    /// <summary>
    /// Whether the length of each row of the weights is learned apart from its direction (Salimans and Kingma, "Weight Normalization", NIPS 2016,
    /// arXiv:1602.07868). The saved weights are plain ones.
    /// </summary>
    [AnyValue]
    public bool WeightNorm { get; set; } = true;

    /// <summary>The part of what the linear layer reads that is dropped in training. From 0 to 0.9.</summary>
    [Between(0, 0.9), Range(0.0, 0.5, init: 0.0)]
    public double Dropout { get; set; }

    /// <summary>The part of a series' values, or of its keys' vectors, that is dropped in training, the same places in all steps. From 0 to 0.9.</summary>
    [Between(0, 0.9)]
    public double InputDropout { get; set; }

    /// <summary>The part of the states that is dropped in training, the same places in all steps and all levels of a series. From 0 to 0.9.</summary>
    [Between(0, 0.9)]
    public double HiddenDropout { get; set; }

    /// <summary>The part of the weights that is dropped in training, of all taps but that of the step itself. From 0 to 0.9.</summary>
    [Between(0, 0.9)]
    public double WeightDropout { get; set; }

    /// <summary>λ: how much the loss counts that is computed from every <see cref="AuxiliaryEvery"/>th level, too. At least 0.</summary>
    [AtLeast(0)]
    public double AuxiliaryWeight { get; set; }

    /// <summary>Levels from one whose loss counts to the next, with <see cref="AuxiliaryWeight"/>. At least 1.</summary>
    [AtLeast(1)]
    public int AuxiliaryEvery { get; set; } = 10;

    /// <summary>Rows of an optimizer step; an epoch spreads its rows evenly over as many batches as are full, so that a batch may have a few more. From 2 to
    /// 4096.</summary>
    [TakesMemory, Between(2, 4096), Range(8, 128, init: 32, logBase: true)]
    public override int BatchSize { get; set; } = 32;

    /// <summary>Adam's step size at the start. Greater than 0 and at most 1.</summary>
    [LearningRate, Range(1e-4, 2e-2, init: 2e-3, logBase: true)]
    public override double LearningRate { get; set; } = 2e-3;

    /// <summary>What of these options regularizes the network.</summary>
    internal TrellisRegularization Regularization => new()
    {
        WeightNorm = WeightNorm,
        Dropout = Dropout,
        InputDropout = InputDropout,
        HiddenDropout = HiddenDropout,
        WeightDropout = WeightDropout,
        AuxiliaryWeight = AuxiliaryWeight,
        AuxiliaryEvery = AuxiliaryEvery,
    };

    internal override SeriesLearner Learner(int symbols, int outputs, int longest, IChannel channel)
    {
        var trellis = new Trellis(HiddenSize, OutputSize, Levels, KernelSize, Dilations);
        if (trellis.ReceptiveField < longest)
        {
            channel.Warning(MessageSensitivity.Schema, FormattableString.Invariant(
                $"The network looks at the last {trellis.ReceptiveField} steps of a series, but the longest training row has {longest}. ") +
                "Add Levels or make Dilations larger to see all of it.");
        }

        return new TrellisLearner(
            new()
            {
                Channels = Channels,
                Symbols = symbols,
                EmbeddingSize = symbols > 0 ? EmbeddingSize : 0,
                Layers = [trellis],
                Outputs = outputs,
                ActivationCount = longest * TrellisLearner.ValuesOfAStep(trellis, symbols > 0 ? EmbeddingSize : Channels),
            },
            Regularization);
    }

    private protected override (string Property, string Message)? FindConflict() =>
        base.FindConflict() ?? (Dilations.Length is < 1 or > 200
            ? (nameof(Dilations), FormattableString.Invariant($"must have from 1 to 200 numbers, but had {Dilations.Length}."))
            : null);
}
