using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Elmo;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Turns texts into vectors with a language model that exists already. <see cref="Fit"/> learns nothing: it checks the column and reads no row.</summary>
/// <remarks>
/// <para><b>Source.</b> Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365.</para>
/// <para><b>Input and output.</b> See <see cref="ElmoTransformer"/>.</para>
/// </remarks>
public sealed class PretrainedElmoEstimator : IEstimator<ElmoTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly ElmoModel _model;
    private readonly ElmoOutputs _outputs;

    internal PretrainedElmoEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, ElmoModel model, ElmoOutputOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        options = (ElmoOutputOptions)(options ?? new()).Copy();
        options.Validate();
        _environment = environment;
        _model = model;
        _outputs = ElmoOutputs.Of(outputColumnName, inputColumnName, options, model.Architecture.Layers);
    }

    /// <summary>A transformer with the model. All transformers of an estimator share its weights.</summary>
    /// <param name="input">Data with the input column.</param>
    /// <returns>The transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or neither a text nor a vector of texts.</exception>
    public ElmoTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        InputColumns.RequireText(input.Schema, _outputs.InputColumnName);
        return new ElmoTransformer(_environment, new ElmoTransformer.State(_outputs, _model, LanguageModel: null));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or neither a text nor a vector of texts.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireText(inputSchema, _outputs.InputColumnName);
        return SchemaShapes.With(inputSchema, _outputs.TokenColumns().Promised());
    }
}
