using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Turns texts into vectors with an encoder that was trained before. A fit learns nothing: it checks the column and reads no row.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805.</para>
/// <para><b>Input and output.</b> See <see cref="BertTransformer"/>. All transformers of an estimator share the weights of the model.</para>
/// </remarks>
public sealed class PretrainedBertEstimator : TechniqueEstimator<BertTransformer, BertOutputOptions>
{
    private readonly BertModel _model;
    private readonly BertOutputs _outputs;

    internal PretrainedBertEstimator(IHostEnvironment environment, string outputColumnName, string inputColumnName, BertModel model, BertOutputOptions? options)
        : base(environment, options)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _outputs = BertOutputs.Of(Named(outputColumnName), Named(inputColumnName), Options, model);
    }

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(_outputs.InputColumnName)];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => _outputs.TokenColumns().Create();

    private protected override BertTransformer Fit(IDataView input, IChannel channel) => new(Environment, new(_outputs, _model));
}
