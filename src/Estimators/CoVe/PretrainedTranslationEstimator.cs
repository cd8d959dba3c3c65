using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.CoVe;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Translates texts with a model that was trained already. <see cref="Fit"/> learns nothing: it checks the column and reads no row.</summary>
/// <remarks>
/// <para><b>Source.</b> McCann et al., "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107.</para>
/// <para><b>Input and output.</b> See <see cref="TranslationTransformer"/>.</para>
/// </remarks>
public sealed class PretrainedTranslationEstimator : IEstimator<TranslationTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly TranslationTransformer.State _state;

    internal PretrainedTranslationEstimator(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, EncoderModel encoder, DecoderModel decoder, TranslationOutputOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        options ??= new();
        options.Validate();
        _environment = environment;
        _state = new(TranslationOutputs.Of(outputColumnName, inputColumnName, options), encoder, decoder);
    }

    /// <summary>A transformer with the model. All transformers of an estimator share its weights.</summary>
    /// <param name="input">Data with the input column.</param>
    /// <returns>The transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or neither a text nor a vector of texts.</exception>
    public TranslationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        InputColumns.RequireText(input.Schema, _state.Outputs.InputColumnName);
        return new TranslationTransformer(_environment, _state);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or neither a text nor a vector of texts.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireText(inputSchema, _state.Outputs.InputColumnName);
        return SchemaShapes.With(inputSchema, [SchemaShapes.Column(_state.Outputs.OutputColumnName, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance)]);
    }
}
