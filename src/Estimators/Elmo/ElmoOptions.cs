using Microsoft.ML.SearchSpace;
using MLNet.Papers.Elmo;

namespace MLNet.Papers;

/// <summary>Options of <see cref="ElmoEstimator"/>.</summary>
/// <remarks>
/// Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365. The defaults are those of a network that a CPU can train; the
/// published one has P = 512, C = 4096, filters of widths 1 to 7 (32, 32, 64, 128, 256, 512, 1024 of them), two highway layers, 8192 negative samples, and
/// Adagrad with a learning rate of 0.2.
/// </remarks>
public sealed class ElmoOptions : LanguageTrainingOptions
{
    /// <summary>Sets the defaults that differ from those of other techniques.</summary>
    public ElmoOptions() => (MaxGradientNorm, NegativeSamples) = (10, 1024);

    /// <summary>P, the length of a token's vector in each direction and layer. From 8 to 1024.</summary>
    [TakesMemory, Between(8, 1024), Range(64, 512, init: 128, logBase: true)]
    public int ProjectionSize { get; set; } = 128;

    /// <summary>C, the size of an LSTM cell. From 8 to 8192, and not below <see cref="ProjectionSize"/>.</summary>
    [TakesMemory, Between(8, 8192), Range(512, 4096, init: 512, logBase: true)]
    public int CellSize { get; set; } = 512;

    /// <summary>LSTM layers of each direction. From 1 to 4.</summary>
    [TakesMemory, Between(1, 4)]
    public int Layers { get; set; } = 2;

    /// <summary>How many characters each kind of filter sees. From 1 to 16, and at most <see cref="MaxCharacters"/>.</summary>
    [TakesMemory, Between(1, 16)]
    public int[] FilterWidths { get; set; } = [1, 2, 3, 4, 5];

    /// <summary>How many filters there are of each kind, as many numbers as <see cref="FilterWidths"/> has. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096)]
    public int[] FilterCounts { get; set; } = [16, 32, 64, 64, 64];

    /// <summary>The length of a character's vector. From 1 to 256.</summary>
    [TakesMemory, Between(1, 256)]
    public int CharacterSize { get; set; } = 16;

    /// <summary>M, the most characters of a token, which are bytes of its UTF-8 and two marks; what is longer is cut. From 8 to 200.</summary>
    [TakesMemory, Between(8, 200)]
    public int MaxCharacters { get; set; } = 50;

    /// <summary>Highway layers behind the filters. From 0 to 4.</summary>
    [TakesMemory, Between(0, 4)]
    public int Highways { get; set; } = 1;

    /// <summary>The part of each layer's input, and of the top layer's output, that is dropped in training. From 0 to 0.9.</summary>
    [Between(0, 0.9), Range(0.0, 0.5, init: 0.1)]
    public double Dropout { get; set; } = 0.1;

    /// <summary>The greatest magnitude of a cell and of a projected output; 0 for no bound. From 0 to 1000000.</summary>
    [Between(0, 1_000_000)]
    public double CellClip { get; set; } = 3;

    /// <summary>How often training goes through all texts. At least 1.</summary>
    [AtLeast(1), Range(1, 20, init: 3, logBase: true)]
    public int Epochs { get; set; } = 3;

    /// <summary>B, streams of text that are read side by side; fewer if there are not enough tokens. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096), Range(16, 160, init: 32, logBase: true)]
    public int BatchSize { get; set; } = 32;

    /// <summary>
    /// T, tokens of each stream in an optimizer step; gradients reach no farther back (truncated backpropagation through time). From 2 to 256.
    /// </summary>
    [TakesMemory, Between(2, 256)]
    public int WindowLength { get; set; } = 20;

    /// <summary>
    /// Whether the states go on from the sentence before, as in the published training; otherwise each sentence begins from zero states, as it does when it is
    /// scored. With states that go on, the network comes to rely on them, and its vectors of single sentences are worse.
    /// </summary>
    [AnyValue]
    public bool CarryStates { get; set; }

    /// <summary>How often a word must occur to be predicted; others are all predicted as one. Every word is read, however rare. At least 1.</summary>
    [AtLeast(1)]
    public int MinWordCount { get; set; } = 2;

    /// <summary>The most words that are predicted, the most frequent ones. From 1 to 10,000,000.</summary>
    [Between(1, 10_000_000)]
    public int MaxVocabulary { get; set; } = 100_000;

    /// <summary>The most tokens that are trained on; a corpus that has more is refused. Each costs 4 bytes. From 1 to 2,000,000,000.</summary>
    [Between(1, 2_000_000_000)]
    public int MaxTrainingTokens { get; set; } = 50_000_000;

    /// <summary>
    /// Whether the words and their weights stay in the model, which <see cref="ElmoTransformer.EvaluateLanguageModel"/> needs: 4 · (P + 1) bytes a word.
    /// </summary>
    [AnyValue]
    public bool KeepLanguageModel { get; set; }

    /// <inheritdoc cref="ElmoOutputOptions.Pooling"/>
    [Defined]
    public Pooling Pooling { get; set; } = Pooling.Mean;

    /// <inheritdoc cref="ElmoOutputOptions.Representation"/>
    [Defined]
    public ElmoRepresentation Representation { get; set; } = ElmoRepresentation.Mix;

    /// <inheritdoc cref="ElmoOutputOptions.MixWeights"/>
    [Between(-1000, 1000)]
    public float[]? MixWeights { get; set; }

    /// <inheritdoc cref="ElmoOutputOptions.TokenVectorsColumnName"/>
    [NotBlank]
    public string? TokenVectorsColumnName { get; set; }

    /// <inheritdoc cref="ElmoOutputOptions.TokensColumnName"/>
    [NotBlank]
    public string? TokensColumnName { get; set; }

    /// <summary>The network that these options describe.</summary>
    internal ElmoArchitecture Architecture() => new()
    {
        MaxCharacters = MaxCharacters,
        CharacterSize = CharacterSize,
        FilterWidths = FilterWidths,
        FilterCounts = FilterCounts,
        Highways = Highways,
        ProjectionSize = ProjectionSize,
        CellSize = CellSize,
        Layers = Layers,
        CellClip = CellClip,
        ProjectionClip = CellClip,
    };

    /// <summary>The outputs that these options describe.</summary>
    internal ElmoOutputOptions Outputs() => Part<ElmoOutputOptions>();

    private protected override (string Property, string Message)? FindConflict()
    {
        if (CellSize < ProjectionSize)
            return (nameof(CellSize), FormattableString.Invariant($"must be at least ProjectionSize = {ProjectionSize}, but was {CellSize}."));
        if (FilterWidths.Length == 0 || FilterWidths.Length != FilterCounts.Length)
        {
            return (nameof(FilterCounts), "must have as many numbers as FilterWidths, at least one, " +
                FormattableString.Invariant($"but has {FilterCounts.Length} for {FilterWidths.Length} widths."));
        }

        if (FilterWidths.Max() > MaxCharacters)
            return (nameof(FilterWidths), FormattableString.Invariant($"must be at most MaxCharacters = {MaxCharacters}, but was {FilterWidths.Max()}."));
        return ElmoOutputs.FindConflict(MixWeights, Layers) is { } conflict ? (nameof(MixWeights), conflict) : null;
    }
}
