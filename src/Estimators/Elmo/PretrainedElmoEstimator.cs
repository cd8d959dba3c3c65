using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Elmo;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Turns texts into vectors with a language model that exists already. A fit learns nothing: it checks the column and reads no row.</summary>
/// <remarks>
/// <para><b>Source.</b> Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365.</para>
/// <para><b>Input and output.</b> See <see cref="ElmoTransformer"/>. All transformers of an estimator share the weights of the model.</para>
/// </remarks>
public sealed class PretrainedElmoEstimator : TechniqueEstimator<ElmoTransformer, ElmoOutputOptions>
{
    private readonly ElmoModel _model;
    private readonly ElmoOutputs _outputs;

    internal PretrainedElmoEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, ElmoModel model, ElmoOutputOptions? options)
        : base(environment, options)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _outputs = ElmoOutputs.Of(Named(outputColumnName), Named(inputColumnName), Options, model.Architecture.Layers);
    }

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(_outputs.InputColumnName)];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => _outputs.TokenColumns().Create();

    private protected override ElmoTransformer Fit(IDataView input, IChannel channel) => new(Environment, new(_outputs, _model, LanguageModel: null));
}
