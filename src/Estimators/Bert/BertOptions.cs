using Microsoft.ML.SearchSpace;
using MLNet.Papers.Bert;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>Options of <see cref="BertEstimator"/>.</summary>
/// <remarks>
/// Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019, arXiv:1810.04805. The defaults are those of
/// the smallest published size ("Tiny"), which a CPU can train; "Base" has 12 layers, H = 768, 12 heads, 30,000 pieces, a step size of 1e-4 and 256 sequences
/// a step. Where pre-training goes on from a BERT that exists, sizes, pieces, small letters and the activation are that one's, and their options have no
/// effect.
/// </remarks>
public sealed class BertOptions : TrainingOptions
{
    /// <summary>The least that <see cref="MaxLength"/> may be: there is text to predict and text to predict it from, in both parts of a pair.</summary>
    internal const int LeastLength = 8;

    /// <summary>Sets the defaults that differ from those of other techniques.</summary>
    public BertOptions() => MaxGradientNorm = 1;

    /// <summary>
    /// The name of a column that says which document a row belongs to: rows with the same value one after the other are the sentences of one. A key, a text, a
    /// number or a Boolean. Null where rows have nothing to do with each other.
    /// </summary>
    [NotBlank]
    public string? DocumentColumnName { get; set; }

    /// <summary>
    /// Whether the network also learns to tell the text that follows from text of another document, from pairs of both. It has no effect without documents.
    /// </summary>
    [AnyValue]
    public bool NextSentence { get; set; } = true;

    /// <summary>
    /// How many word pieces are learned from the texts, letters and marks among them; fewer where the texts do not have as many. At least 100 and at most
    /// 1,000,000.
    /// </summary>
    [TakesMemory, Between(100, 1_000_000), Range(2_000, 32_000, init: 8_000, logBase: true)]
    public int VocabularySize { get; set; } = 8_000;

    /// <summary>
    /// A file of word pieces, one a line, in the layout of <c>vocab.txt</c>, instead of learning them; null to learn them. It is read when a fit begins.
    /// </summary>
    [NotBlank]
    public string? VocabularyPath { get; set; }

    /// <summary>Whether texts are read in small letters and without accents.</summary>
    [AnyValue]
    public bool LowerCase { get; set; } = true;

    /// <summary>L, the blocks of attention and perceptron. From 1 to 24.</summary>
    [TakesMemory, Between(1, 24)]
    public int Layers { get; set; } = 2;

    /// <summary>H, the length of a piece's vector, a multiple of <see cref="Heads"/>. From 16 to 1024.</summary>
    [TakesMemory, Between(16, 1024)]
    public int HiddenSize { get; set; } = 128;

    /// <summary>A, the heads of each attention. From 1 to 16.</summary>
    [TakesMemory, Between(1, 16)]
    public int Heads { get; set; } = 2;

    /// <summary>The units of a block's perceptron; null for four times <see cref="HiddenSize"/>. From 16 to 8192.</summary>
    [TakesMemory, Between(16, 8192)]
    public int? InnerSize { get; set; }

    /// <summary>
    /// The most pieces of a text, its marks counted; what is longer is learned from in parts, and cut where vectors are made of it. A BERT that exists goes on
    /// reading texts of its own length, and learns from texts of at most that. From 8 to 512.
    /// </summary>
    [TakesMemory, Between(LeastLength, 512)]
    public int MaxLength { get; set; } = 128;

    /// <summary>How the activation is computed.</summary>
    [Defined]
    public BertGelu Gelu { get; set; } = BertGelu.Tanh;

    /// <summary>The part of what layers give and of the attention that is dropped in training. From 0 to 0.9.</summary>
    [Between(0, 0.9), Range(0.0, 0.3, init: 0.1)]
    public double Dropout { get; set; } = 0.1;

    /// <summary>The part of a sequence's pieces that is to be predicted, at least one. From 0.05 to 0.5.</summary>
    [Between(0.05, 0.5), Range(0.1, 0.4, init: 0.15)]
    public double MaskProbability { get; set; } = 0.15;

    /// <summary>The most pieces of a sequence that are to be predicted; null for no bound. The published training has 20. At least 1.</summary>
    [AtLeast(1)]
    public int? MaxPredictions { get; set; }

    /// <summary>Whether all pieces of a word are to be predicted if one is.</summary>
    [AnyValue]
    public bool WholeWord { get; set; }

    /// <summary>How often training goes through all texts, each time with other pieces to be predicted. At least 1.</summary>
    [AtLeast(1), Range(1, 40, init: 5, logBase: true)]
    public int Epochs { get; set; } = 5;

    /// <summary>Sequences of a step, about; an epoch spreads its sequences evenly over its steps. From 1 to 4096.</summary>
    [TakesMemory, Between(1, 4096), Range(16, 256, init: 32, logBase: true)]
    public int BatchSize { get; set; } = 32;

    /// <summary>
    /// The step size of Adam, to which it rises first and from which it falls to 0 along a line. Published are 1e-4 for large networks. Greater than 0 and at
    /// most 1.
    /// </summary>
    [LearningRate, Range(1e-4, 3e-3, init: 1e-3, logBase: true)]
    public double LearningRate { get; set; } = 1e-3;

    /// <summary>The part of the training in which the step size rises from 0. From 0 to 0.9.</summary>
    [Between(0, 0.9)]
    public double WarmUp { get; set; } = 0.1;

    /// <summary>What part of a matrix is taken from it at a step, times the step size. From 0 to 1.</summary>
    [Between(0, 1)]
    public double WeightDecay { get; set; } = 0.01;

    /// <summary>
    /// The part of the documents, or of the rows where there are none, that is not trained on but validated on, if <see cref="TrainingOptions.Validation"/> is
    /// null. From 0 (none) to 0.9.
    /// </summary>
    [Between(0, 0.9)]
    public double ValidationFraction { get; set; }

    /// <summary>The most pieces of all texts, which lie in memory with 4 bytes each. From 1,000 to 2,000,000,000.</summary>
    [Between(1_000, 2_000_000_000)]
    public int MaxTrainingPieces { get; set; } = 200_000_000;

    /// <summary>
    /// Whether the transformer keeps what predicts hidden words, which <c>PredictMaskedWords</c> and <see cref="BertTransformer.EvaluateMaskedWords"/> need: H²
    /// and as many numbers as there are pieces.
    /// </summary>
    [AnyValue]
    public bool KeepMaskedWordHead { get; set; } = true;

    /// <inheritdoc cref="BertOutputOptions.Pooling"/>
    [Defined]
    public Pooling? Pooling { get; set; }

    /// <inheritdoc cref="BertOutputOptions.Normalize"/>
    [AnyValue]
    public bool? Normalize { get; set; }

    /// <inheritdoc cref="BertOutputOptions.Representation"/>
    [Defined]
    public BertRepresentation Representation { get; set; } = BertRepresentation.TopLayer;

    /// <inheritdoc cref="BertOutputOptions.Layer"/>
    [AtLeast(0)]
    public int Layer { get; set; }

    /// <inheritdoc cref="BertOutputOptions.TokenVectorsColumnName"/>
    [NotBlank]
    public string? TokenVectorsColumnName { get; set; }

    /// <inheritdoc cref="BertOutputOptions.WordVector"/>
    [Defined]
    public BertWordVector WordVector { get; set; } = BertWordVector.FirstPiece;

    /// <inheritdoc cref="BertOutputOptions.TokensColumnName"/>
    [NotBlank]
    public string? TokensColumnName { get; set; }

    /// <summary>The outputs that these options describe.</summary>
    internal BertOutputOptions Outputs() => Part<BertOutputOptions>();

    /// <summary>The step sizes.</summary>
    internal LearningRates LearningRates => BertOptimization.Rates(LearningRate, WarmUp);

    /// <summary>The network that these options describe.</summary>
    /// <param name="pieces">V.</param>
    /// <param name="hasPooler">Whether it learns from pairs.</param>
    internal BertArchitecture Architecture(int pieces, bool hasPooler) => new()
    {
        Pieces = pieces,
        Positions = MaxLength,
        HiddenSize = HiddenSize,
        Layers = Layers,
        Heads = Heads,
        InnerSize = InnerSize ?? 4 * HiddenSize,
        Gelu = Gelu,
        HasPooler = hasPooler,
    };

    private protected override (string Property, string Message)? FindConflict() => HiddenSize % Heads != 0
        ? (nameof(HiddenSize), FormattableString.Invariant($"must be a multiple of Heads = {Heads}, but was {HiddenSize}."))
        : null;
}
