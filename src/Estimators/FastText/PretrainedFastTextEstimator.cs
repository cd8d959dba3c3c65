using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Turns texts into vectors with a fastText model that exists already. A fit learns nothing: it checks the column and reads no row.</summary>
/// <remarks>
/// <para><b>Source.</b> Bojanowski, Grave, Joulin and Mikolov, "Enriching Word Vectors with Subword Information", TACL 5, 2017, arXiv:1607.04606.</para>
/// <para><b>Input.</b> A text or a vector of texts. <b>Output.</b> A vector of Single of the model's dimension; see <see cref="FastTextTransformer"/>. All
/// transformers of an estimator share the model.</para>
/// </remarks>
public sealed class PretrainedFastTextEstimator : TechniqueEstimator<FastTextTransformer>
{
    private readonly string _outputColumnName;
    private readonly TextColumn _text;
    private readonly FastTextModel _model;

    internal PretrainedFastTextEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, FastTextModel model)
        : base(environment)
    {
        (_outputColumnName, _text) = (Named(outputColumnName), new(Named(inputColumnName)));
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
    }

    private protected override IEnumerable<InputColumn> Inputs => [_text];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => [OutputColumn.Embedding(_outputColumnName, _model.Dimension)];

    private protected override FastTextTransformer Fit(IDataView input, IChannel channel) => new(Environment, new(_outputColumnName, _text.Name, _model));
}
