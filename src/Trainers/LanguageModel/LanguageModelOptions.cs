using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;
using MLNet.Papers;
using MLNet.Papers.Janet;
using MLNet.Papers.Layers;
using MLNet.Papers.Series;
using MLNet.Papers.TrellisNet;

[assembly: UsesTechnique("LanguageModel", "Janet", "section 2 of JANET's paper: its cells and their first biases are one kind of language model")]
[assembly: UsesTechnique("LanguageModel", "TrellisNet", "section 5.1 of TrellisNet's paper: the network as a language model, with its regularization")]

namespace MLNet.Papers;

/// <summary>Options of <see cref="LanguageModelTrainer"/>.</summary>
/// <remarks>
/// The defaults are those of a network that a CPU can train. Published for TrellisNet and characters are embeddings of 200, a hidden size of 1050, 140 levels,
/// Adam with 2e-3 and gradients cut at 0.2 (Bai, Kolter and Koltun, "Trellis Networks for Sequence Modeling", ICLR 2019, arXiv:1810.06682, appendix); for an
/// LSTM that is sampled from, one layer of 128 or two of 512 (Caccia et al., "Language GANs Falling Short", ICLR 2020, arXiv:1811.02549).
/// </remarks>
public sealed class LanguageModelOptions : MinibatchOptions
{
    /// <summary>Sets the defaults that differ from those of other techniques.</summary>
    public LanguageModelOptions() => MaxGradientNorm = 1;

    /// <summary>What the network is made of.</summary>
    [Defined]
    public LanguageModelKind Kind { get; set; } = LanguageModelKind.Lstm;

    /// <summary>What the tokens are where a row is one text; vectors have theirs already.</summary>
    [Defined]
    public TokenLevel Level { get; set; } = TokenLevel.Word;

    /// <summary>The length of a token's vector; null for <see cref="HiddenSize"/>. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096)]
    public int? EmbeddingSize { get; set; }

    /// <summary>
    /// Units of each recurrent layer; with <see cref="LanguageModelKind.TrellisNet"/> values of a step's state besides those that are put out, which are as
    /// many as a token's vector has. From 1 to 4096.
    /// </summary>
    [TakesMemory, Between(1, 4096), Range(32, 512, init: 128, logBase: true)]
    public int HiddenSize { get; set; } = 128;

    /// <summary>Recurrent layers. From 1 to 16.</summary>
    [TakesMemory, Between(1, 16)]
    public int Layers { get; set; } = 1;

    /// <summary>
    /// Whether tokens are predicted with the vectors that they are read as (Press and Wolf, "Using the Output Embedding to Improve Language Models", EACL 2017,
    /// arXiv:1608.05859); recurrent layers then need as many units as a token's vector has values.
    /// </summary>
    [AnyValue]
    public bool TieWeights { get; set; } = true;

    /// <summary>Levels of a trellis network. From 1 to 200.</summary>
    [TakesMemory, Between(1, 200)]
    public int Levels { get; set; } = 12;

    /// <inheritdoc cref="TrellisNetOptions.KernelSize"/>
    [TakesMemory, Between(2, 5)]
    public int KernelSize { get; set; } = 2;

    /// <inheritdoc cref="TrellisNetOptions.Dilations"/>
    [Between(1, 65_536)]
    public int[] Dilations { get; set; } = [1, 1, 2, 4];

    /// <summary>Whether the length of each row of a trellis network's weights is learned apart from its direction. The saved weights are plain ones.</summary>
    [AnyValue]
    public bool WeightNorm { get; set; } = true;

    /// <summary>The part of what a recurrent layer, or the last level of a trellis network, says that is dropped in training. From 0 to 0.9.</summary>
    [Between(0, 0.9), Range(0.0, 0.5, init: 0.1)]
    public double Dropout { get; set; } = 0.1;

    /// <inheritdoc cref="TrellisNetOptions.HiddenDropout"/>
    [Between(0, 0.9)]
    public double HiddenDropout { get; set; }

    /// <inheritdoc cref="TrellisNetOptions.WeightDropout"/>
    [Between(0, 0.9)]
    public double WeightDropout { get; set; }

    /// <summary>How often a token that is a text must occur to be known; others are all taken for one. At least 1.</summary>
    [AtLeast(1)]
    public int MinCount { get; set; } = 2;

    /// <summary>The most tokens that are known, the most frequent ones. From 1 to 10,000,000.</summary>
    [Between(1, 10_000_000)]
    public int MaxVocabulary { get; set; } = 50_000;

    /// <summary>
    /// Whether the transformer refuses rows with unknown tokens if training had none; otherwise it says once that there are some. With <see cref="MinCount"/>
    /// above 1 training most often has some.
    /// </summary>
    [AnyValue]
    public bool FailOnUnknown { get; set; }

    /// <summary>
    /// Steps of a row that are learned from at once, <see cref="History"/> included; longer rows are cut into several windows. A row has a step for each token
    /// and one for its end. From 2 to 65536.
    /// </summary>
    [TakesMemory, Between(2, 65_536)]
    public int WindowLength { get; set; } = 80;

    /// <summary>
    /// Steps before those of a window that are read and not learned from, but for a row's first window, so that each prediction rests on so many tokens at
    /// least. At least 0, and below <see cref="WindowLength"/>.
    /// </summary>
    [AtLeast(0)]
    public int History { get; set; } = 20;

    /// <summary>The most tokens of a generated row, unless it is said otherwise; null for those of the longest training row. From 1 to 1,000,000,000.</summary>
    [Between(1, 1_000_000_000)]
    public int? MaxLength { get; set; }

    /// <summary>The column that receives what the last layer says when all of a row was read; null for none.</summary>
    [NotBlank]
    public string? FeaturesColumnName { get; set; }

    /// <summary>How often training goes through all rows. At least 1.</summary>
    [AtLeast(1), Range(1, 50, init: 10, logBase: true)]
    public override int Epochs { get; set; } = 10;

    /// <summary>Windows of an optimizer step; an epoch spreads them evenly over as many batches as are full, so that a batch may have a few more. From 2 to
    /// 4096.</summary>
    [TakesMemory, Between(2, 4096), Range(8, 128, init: 32, logBase: true)]
    public override int BatchSize { get; set; } = 32;

    /// <summary>Adam's step size at the start. Greater than 0 and at most 1.</summary>
    [LearningRate, Range(1e-4, 2e-2, init: 2e-3, logBase: true)]
    public override double LearningRate { get; set; } = 2e-3;

    /// <summary>The network that these options describe, and how it is trained.</summary>
    /// <param name="symbols">V, the edge of a row included.</param>
    /// <param name="longest">The most steps of a window.</param>
    /// <param name="channel">Where warnings go.</param>
    internal SeriesLearner Learner(int symbols, int longest, IChannel channel)
    {
        int embedding = EmbeddingSize ?? HiddenSize, dependency = Math.Max(longest, LongestDependencyAttribute.Least);
        var trellis = new Trellis(HiddenSize, embedding, Levels, KernelSize, Dilations);
        Layer[] layers = Kind switch
        {
            LanguageModelKind.TrellisNet => [trellis],
            LanguageModelKind.Janet => [.. Enumerable.Range(0, Layers).Select(_ => new Layers.Janet(1, HiddenSize))],
            _ => [.. Enumerable.Range(0, Layers).Select(_ => new Lstm(1, HiddenSize))],
        };
        long values = Kind == LanguageModelKind.TrellisNet
            ? TrellisLearner.ValuesOfAStep(trellis, embedding)
            : RecurrentLearner.ValuesOfAStep(layers, embedding);
        var architecture = new SeriesArchitecture
        {
            Channels = 1,
            Symbols = symbols - 1,
            EmbeddingSize = embedding,
            Layers = layers,
            Outputs = symbols,
            TiesWeights = TieWeights,
            // Where vectors begin ten times as small, hundreds of updates learn no more than how frequent each token is.
            EmbeddingReach = 1,
            // A step's logits are counted besides what the layers keep.
            ActivationCount = longest * (values + (Training.TrainingMemory.NumbersOfALogit * (symbols + 1L) / 2)),
        };
        if (Kind != LanguageModelKind.TrellisNet)
            return new RecurrentLearner(architecture, Kind == LanguageModelKind.Janet ? dependency : 0, Dropout, truncateSteps: 0);
        if (trellis.ReceptiveField < History)
        {
            channel.Warning(MessageSensitivity.Schema, FormattableString.Invariant(
                $"The network looks at the last {trellis.ReceptiveField} tokens, but History = {History} are read before those of a window. ") +
                "Add Levels, make Dilations larger or lower History.");
        }

        return new TrellisLearner(architecture, new()
        {
            WeightNorm = WeightNorm,
            Dropout = Dropout,
            HiddenDropout = HiddenDropout,
            WeightDropout = WeightDropout,
        });
    }

    private protected override (string Property, string Message)? FindConflict()
    {
        if (History >= WindowLength)
            return (nameof(History), FormattableString.Invariant($"must be below WindowLength = {WindowLength}, but was {History}."));
        if (Dilations.Length is < 1 or > 200)
            return (nameof(Dilations), FormattableString.Invariant($"must have from 1 to 200 numbers, but had {Dilations.Length}."));
        if (TieWeights && Kind != LanguageModelKind.TrellisNet && EmbeddingSize is { } size && size != HiddenSize)
        {
            return (nameof(EmbeddingSize), FormattableString.Invariant(
                $"must be HiddenSize = {HiddenSize} with TieWeights and recurrent layers, but was {size}."));
        }

        return base.FindConflict();
    }
}
