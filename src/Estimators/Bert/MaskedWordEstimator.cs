using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Says for each mark in a text which pieces of words may stand there. A fit learns nothing: it checks the column and reads no row.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019, arXiv:1810.04805,
/// section 3.1.</para>
/// <para><b>Input and output.</b> See <see cref="MaskedWordTransformer"/>. All transformers of an estimator share the weights of the model.</para>
/// </remarks>
public sealed class MaskedWordEstimator : TechniqueEstimator<MaskedWordTransformer, MaskedWordOptions>
{
    private readonly BertModel _model;
    private readonly MaskedWordHead _head;
    private readonly string _outputColumnName;
    private readonly TextColumn _text;

    internal MaskedWordEstimator(
        IHostEnvironment environment, BertTransformer bert, string outputColumnName, string inputColumnName, MaskedWordOptions? options)
        : base(environment, options)
    {
        ArgumentNullException.ThrowIfNull(bert);
        (_outputColumnName, _text) = (Named(outputColumnName), new(Named(inputColumnName)));
        (_model, _head) = (bert.Model, MaskedWordHead.Require(bert.Head));
        if (Options.Count > _model.Vocabulary.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(options), FormattableString.Invariant(
                $"{nameof(MaskedWordOptions)}.{nameof(Options.Count)} must be at most {_model.Vocabulary.Count}, the pieces that the model knows, ") +
                FormattableString.Invariant($"but was {Options.Count}."));
        }
    }

    private protected override IEnumerable<InputColumn> Inputs => [_text];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => MaskedWordTransformer.Columns(_outputColumnName, Options.Count);

    private protected override MaskedWordTransformer Fit(IDataView input, IChannel channel) =>
        new(Environment, new(_outputColumnName, _text.Name, Options.Mark, Options.Count, _model, _head));
}
