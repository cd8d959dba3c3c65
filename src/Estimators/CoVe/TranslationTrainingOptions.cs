using Microsoft.ML.SearchSpace;

namespace MLNet.Papers;

/// <summary>How an attention encoder-decoder is trained: the options that <see cref="CoVeOptions"/> and <see cref="TranslationOptions"/> share.</summary>
/// <remarks>
/// McCann, Bradbury, Xiong and Socher, "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107. The defaults are those of a network
/// that a CPU can train; the published one has H = 300, word vectors of length 300, and stochastic gradient descent with a step size of 1 that is halved where
/// validation does not improve. Gradient descent follows the loss of a sentence, as published, the other optimizers that of a token.
/// </remarks>
public abstract class TranslationTrainingOptions : LanguageTrainingOptions
{
    private protected TranslationTrainingOptions() => MaxGradientNorm = 5;

    /// <summary>The column with the translations of the texts; only training reads it. A text or a vector of texts.</summary>
    [NotBlank]
    public string TargetColumnName { get; set; } = "Target";

    /// <summary>H, the size of an encoder layer in each direction; the decoder's layers have 2H. From 8 to 1024.</summary>
    [TakesMemory, Between(8, 1024), Range(64, 512, init: 150, logBase: true)]
    public int HiddenSize { get; set; } = 150;

    /// <summary>Layers of the encoder and of the decoder. From 1 to 4.</summary>
    [TakesMemory, Between(1, 4)]
    public int Layers { get; set; } = 2;

    /// <summary>
    /// E, the length of a word's vector where it is learned here: of target words always, of source words where they are not given. From 8 to 1024.
    /// </summary>
    [TakesMemory, Between(8, 1024), Range(32, 300, init: 100, logBase: true)]
    public int EmbeddingSize { get; set; } = 100;

    /// <summary>Whether what the decoder said at a step, its attentional vector, goes into the next step, as published. Without, training is faster.</summary>
    [AnyValue]
    public bool InputFeeding { get; set; } = true;

    /// <summary>
    /// The part of word vectors, of what goes from layer to layer and of what encoder and decoder say that is dropped in training. From 0 to 0.9.
    /// </summary>
    [Between(0, 0.9), Range(0.0, 0.5, init: 0.2)]
    public double Dropout { get; set; } = 0.2;

    /// <summary>How often training goes through all pairs. At least 1.</summary>
    [AtLeast(1), Range(2, 40, init: 5, logBase: true)]
    public int Epochs { get; set; } = 5;

    /// <summary>
    /// B, pairs of an optimizer step; those of about one length are put together. Half of the pairs, which the log says, where there are fewer than twice as
    /// many. From 1 to 4096.
    /// </summary>
    [TakesMemory, Between(1, 4096), Range(16, 160, init: 64, logBase: true)]
    public int BatchSize { get; set; } = 64;

    /// <summary>How often a word must occur in the targets to be written; others are all written as one. At least 1.</summary>
    [AtLeast(1)]
    public int MinTargetCount { get; set; } = 2;

    /// <summary>The most words that are written, the most frequent ones. From 1 to 10,000,000.</summary>
    [Between(1, 10_000_000)]
    public int MaxTargetVocabulary { get; set; } = 30_000;

    /// <summary>The most tokens of a source or a target that is trained on; pairs with more are passed over, and counted in the log. From 2 to 1000.</summary>
    [TakesMemory, Between(2, 1000)]
    public int MaxTokens { get; set; } = 75;

    /// <summary>The most pairs that are trained on; a corpus that has more is refused. Each token costs 4 bytes. From 1 to 100,000,000.</summary>
    [Between(1, 100_000_000)]
    public int MaxPairs { get; set; } = 5_000_000;

    /// <summary>Whether the step size is also halved after each validation whose loss is above that of the one before, as published.</summary>
    [AnyValue]
    public bool HalveWhenWorse { get; set; }

    /// <summary>
    /// The part of the pairs, drawn at random, that is not trained on but validated on, if <see cref="TrainingOptions.Validation"/> is null. From 0 (none) to
    /// 0.9.
    /// </summary>
    [Between(0, 0.9)]
    public double ValidationFraction { get; set; } = 0.02;
}
