using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Elmo;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>
/// Trains a tagger: it gives each token of a text a label, such as its part of speech, by the token's vector, whose layers it learns to weigh.
/// </summary>
/// <remarks>
/// <para><b>Source.</b> Peters et al., "Deep contextualized word representations", NAACL 2018, arXiv:1802.05365, section 3.2, equation 1, with the linear
/// classifier of section 5.3.</para>
/// <para><b>Input.</b> Token vectors: a vector of Single, the vectors of the tokens one after the other, as <see cref="ElmoTransformer"/> gives them on
/// request, or from anywhere else. Label: a vector of keys, texts, numbers or Booleans, one for each token; a token whose label is missing (or an
/// empty text) is left out, which is said in a warning.</para>
/// <para><b>Output.</b> PredictedLabel: a vector of keys with the labels as key values. Score: a vector of Single, for each token p(label | vector) in key
/// order.</para>
/// <para><b>Cost.</b> The vectors lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary file. They carry the context;
/// the tagger looks at one token at a time.</para>
/// <para><b>Randomness.</b> Initial weights, the order of tokens and dropout, from Seed.</para>
/// <para><b>Fit.</b> All tokens that have a label are learned from; the rows are read once, or twice if the labels are no keys. The transformer holds nothing
/// native.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 labelled tokens or labels in the rows; a row has not as many vectors as labels; a vector's length is no multiple of Layers; a number
/// is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class ElmoTaggerTrainer : TechniqueEstimator<ElmoTaggerTransformer, ElmoTaggerOptions>
{
    private readonly TokenLabelColumn _label;
    private readonly TokenVectorsColumn _vectors;

    internal ElmoTaggerTrainer(IHostEnvironment environment, string labelColumnName, string tokenVectorsColumnName, ElmoTaggerOptions? options)
        : base(environment, options) => (_label, _vectors) = (new(Named(labelColumnName)), new(Named(tokenVectorsColumnName)));

    private protected override IEnumerable<InputColumn> Inputs => [_vectors, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => TokenLabelColumns.Create(_label.ClassesOf(input));

    private protected override ElmoTaggerTransformer Fit(IDataView input, IChannel channel)
    {
        torch.Device device = TorchDevice.Of(Environment);
        LabelIndex index = LabelIndex.Of(input, _label.Name, Check);
        ClassLabels labels = index.Classes;
        using TaggedTokens tokens = Read(input, index, null);
        LabelIndex.WarnOfMissing(channel, _label.Name, tokens.WithoutLabel, "tokens");
        TokenLabelColumn.RequireTwo(_label.Name, tokens.Labels, tokens.Rows.Count);
        if (tokens.Rows.Size % Options.Layers != 0)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"Column '{_vectors.Name}' has vectors of {tokens.Rows.Size} numbers, which is no multiple of Layers = {Options.Layers}."));
        }

        using TaggedTokens? validation = Validation is null
            ? null
            : Read(Validation, LabelIndex.Of(Validation, _label.Name, Check).Like(labels, _label.Name), tokens.Rows.Size);
        LabelIndex.WarnOfMissing(channel, _label.Name, validation?.WithoutLabel ?? 0, "validation tokens");
        LayerMixClassifier classifier = LayerMixTraining.Run(Environment, Options, Options.Layers, labels.Count, tokens.Rows, validation?.Rows, device);
        return new ElmoTaggerTransformer(Environment, new ElmoTaggerTransformer.State(_vectors.Name, classifier, labels));
    }

    private TaggedTokens Read(IDataView data, LabelIndex index, int? size) =>
        TaggedTokens.Read(data, _label.Name, index, _vectors.Name, size, Options, Environment);
}
