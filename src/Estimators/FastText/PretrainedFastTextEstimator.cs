using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>
/// Turns texts into vectors with a fastText model that exists already. <see cref="Fit"/> learns nothing: it checks the column and reads no row.
/// </summary>
/// <remarks>
/// <para><b>Source.</b> Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword Information", TACL 5, 2017, arXiv:1607.04606.</para>
/// <para><b>Input.</b> A text or a vector of texts. <b>Output.</b> A vector of Single of the model's dimension; see <see cref="FastTextTransformer"/>.</para>
/// </remarks>
public sealed class PretrainedFastTextEstimator : IEstimator<FastTextTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly FastTextModel _model;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;

    internal PretrainedFastTextEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, FastTextModel model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        ArgumentNullException.ThrowIfNull(model);
        _environment = environment;
        _outputColumnName = outputColumnName;
        _inputColumnName = inputColumnName;
        _model = model;
    }

    /// <summary>A transformer with the model. All transformers of an estimator share it.</summary>
    /// <param name="input">Data with the input column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or neither a text nor a vector of texts.</exception>
    public FastTextTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        InputColumns.RequireText(input.Schema, _inputColumnName);
        return new FastTextTransformer(_environment, new(_outputColumnName, _inputColumnName, _model));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or neither a text nor a vector of texts.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        InputColumns.RequireText(inputSchema, _inputColumnName);
        return SchemaShapes.With(inputSchema, [SchemaShapes.Column(_outputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single)]);
    }
}
