using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.CoVe;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Translates texts with a model that was trained already. A fit learns nothing: it checks the column and reads no row.</summary>
/// <remarks>
/// <para><b>Source.</b> McCann et al., "Learned in Translation: Contextualized Word Vectors", NIPS 2017, arXiv:1708.00107.</para>
/// <para><b>Input and output.</b> See <see cref="TranslationTransformer"/>. All transformers of an estimator share the weights of the model.</para>
/// </remarks>
public sealed class PretrainedTranslationEstimator : TechniqueEstimator<TranslationTransformer, TranslationOutputOptions>
{
    private readonly TranslationTransformer.State _state;

    internal PretrainedTranslationEstimator(
        IHostEnvironment environment,
        string outputColumnName,
        string inputColumnName,
        EncoderModel encoder,
        DecoderModel decoder,
        TranslationOutputOptions? options)
        : base(environment, options)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(decoder);
        _state = new(TranslationOutputs.Of(Named(outputColumnName), Named(inputColumnName), Options), encoder, decoder);
    }

    private protected override IEnumerable<InputColumn> Inputs => [new TextColumn(_state.Outputs.InputColumnName)];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => [_state.Outputs.Column()];

    private protected override TranslationTransformer Fit(IDataView input, IChannel channel) => new(Environment, _state);
}
