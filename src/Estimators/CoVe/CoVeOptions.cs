using System.Text.Json.Serialization;

namespace MLNet.Papers;

/// <summary>Options of <see cref="CoVeEstimator"/>.</summary>
/// <remarks>McCann et al., "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107.</remarks>
public sealed class CoVeOptions : TranslationTrainingOptions
{
    /// <summary>
    /// The vectors of the source's words, which training does not change: the model of a <see cref="FastTextTransformer"/>, or what
    /// <see cref="FastTextModel.Load(string)"/> makes of a <c>.vec</c> or <c>.bin</c> file. Null learns vectors of length
    /// <see cref="TranslationTrainingOptions.EmbeddingSize"/> from the source texts first (fastText, five epochs).
    /// </summary>
    /// <remarks>A <c>SearchSpace</c> that is made of options drops it: set it in the factory of the sweep.</remarks>
    [AnyValue]
    [JsonIgnore]
    public FastTextModel? WordVectors { get; set; }

    /// <summary>Whether the decoder stays in the model, which <c>Translate</c> needs.</summary>
    [AnyValue]
    public bool KeepDecoder { get; set; } = true;

    /// <inheritdoc cref="CoVeOutputOptions.Pooling"/>
    [Defined]
    public Pooling Pooling { get; set; } = Pooling.Mean;

    /// <inheritdoc cref="CoVeOutputOptions.OutputLayers"/>
    [Defined]
    public CoVeLayers OutputLayers { get; set; } = CoVeLayers.Last;

    /// <inheritdoc cref="CoVeOutputOptions.IncludeWordVectors"/>
    [AnyValue]
    public bool IncludeWordVectors { get; set; } = true;

    /// <inheritdoc cref="CoVeOutputOptions.TokenVectorsColumnName"/>
    [NotBlank]
    public string? TokenVectorsColumnName { get; set; }

    /// <inheritdoc cref="CoVeOutputOptions.TokensColumnName"/>
    [NotBlank]
    public string? TokensColumnName { get; set; }

    /// <summary>The outputs that these options describe.</summary>
    internal CoVeOutputOptions Outputs() => Part<CoVeOutputOptions>();
}
