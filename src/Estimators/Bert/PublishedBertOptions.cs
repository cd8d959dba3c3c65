using MLNet.Papers.WordPieces;

namespace MLNet.Papers;

/// <summary>
/// What the files of a published encoder do not say. Null leaves it to the files that lie beside the model: <c>config.json</c>, <c>tokenizer_config.json</c>,
/// <c>tokenizer.json</c>, and sentence-transformers' <c>modules.json</c>, <c>sentence_bert_config.json</c> and <c>1_Pooling/config.json</c>.
/// </summary>
/// <remarks>The <see cref="TechniqueOptions.Seed"/> has no effect.</remarks>
public sealed class PublishedBertOptions : TechniqueOptions
{
    /// <summary>
    /// The heads of the attention, which divide the length of a vector. Where no file says it: what the graph of an ONNX model does. At least 1.
    /// </summary>
    [AtLeast(1)]
    public int? Heads { get; set; }

    /// <summary>How the activation is computed. Where no file says it: what the graph of an ONNX model does, else by the error function.</summary>
    [Defined]
    public BertGelu? Gelu { get; set; }

    /// <summary>What is added to variances. Where no file says it: what the graph of an ONNX model does, else 1e-12. Greater than 0.</summary>
    [GreaterThan(0)]
    public double? Epsilon { get; set; }

    /// <summary>
    /// The most pieces of a text that are read, the marks [CLS] and [SEP] counted. Where no file says it: as many as the network has positions. At least 3.
    /// </summary>
    [AtLeast(3)]
    public int? MaxLength { get; set; }

    /// <summary>
    /// Whether capital letters become small ones. Where no file says it: they do unless the vocabulary has pieces with capital letters.
    /// </summary>
    [AnyValue]
    public bool? LowerCase { get; set; }

    /// <summary>Whether letters lose their accents. Where no file says it: where capital letters become small ones.</summary>
    [AnyValue]
    public bool? StripAccents { get; set; }

    /// <summary>Whether each Chinese ideograph is a word of its own. Where no file says it: yes.</summary>
    [AnyValue]
    public bool? SplitIdeographs { get; set; }

    /// <summary>Whose program cuts texts into pieces. Null for <see cref="WordPieceConvention.HuggingFace"/>.</summary>
    [Defined]
    public WordPieceConvention? Convention { get; set; }

    /// <summary>A word of more characters is one unknown piece. From 1 to 1000; null for what the convention has: 100 or 200.</summary>
    [Between(1, WordPieceRules.LongestWord)]
    public int? MaxWordLength { get; set; }
}
