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
/// <para><b>Hidden words.</b> They can be predicted (<see cref="MaskedWordTransformer"/>) if the part that does so was published with the encoder, in
/// safetensors or PyTorch's format, under the names <c>cls.predictions.…</c>, and its outputs are the vectors of the pieces.</para>
/// </remarks>
public sealed class PretrainedBertEstimator : TechniqueEstimator<BertTransformer, BertOutputOptions>
{
    private readonly BertModel _model;
    private readonly MaskedWordHead? _head;
    private readonly BertOutputs _outputs;

    internal PretrainedBertEstimator(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, (BertModel Model, MaskedWordHead? Head) published,
        BertOutputOptions? options)
        : base(environment, options)
    {
        BertModel model = published.Model;
        (_model, _head) = published;
        _outputs = BertOutputs.Of(Named(outputColumnName), Named(inputColumnName), Options, model);
    }

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(_outputs.InputColumnName)];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => _outputs.TokenColumns().Create();

    private protected override BertTransformer Fit(IDataView input, IChannel channel) => new(Environment, new(_outputs, _model, _head));
}
