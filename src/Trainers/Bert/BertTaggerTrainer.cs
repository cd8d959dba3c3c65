using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Texts;

namespace MLNet.Papers;

/// <summary>Trains a BERT that exists, all of it, to give each token of a text a label, such as its part of speech.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, sections 3.2 and 5.3.</para>
/// <para><b>Input.</b> Tokens: a vector of texts; or a text, whose tokens are what stands between white space. Label: a vector of keys, texts, numbers or
/// Booleans, one for each token; a token whose label is missing (or an empty text) is read but not learned from, which is said in a warning.</para>
/// <para><b>Output.</b> PredictedLabel: a vector of keys with the labels as key values. Score: a vector of Single, for each token p(label | text) in key
/// order.</para>
/// <para><b>Method.</b> The vector of each token's first piece, of which a part is dropped; a new linear layer with softmax and cross-entropy. A token without
/// pieces is unknown. A text that is too long is read in parts, each as if it were a text of its own.</para>
/// <para><b>Cost.</b> The pieces of all texts lie in memory, 4 bytes each, and 8 bytes a token. A step runs forward and back through the encoder; see
/// <see cref="BertFineTuningOptions.FrozenLayers"/> and <see cref="BertFineTuningOptions.MaxLength"/> for shorter ones.</para>
/// <para><b>Randomness.</b> The new layer, the order of rows and dropout, from Seed.</para>
/// <para><b>Fit.</b> All tokens that have a label are learned from; the rows are read once, or twice if the labels are no keys. The encoder that is given stays
/// as it is: the transformer has its own.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows or labels; a row has not as many labels as tokens; a loss is not finite; a step would take too much memory; the GPU is missing;
/// or the checkpoint belongs to another training.
/// </exception>
public sealed class BertTaggerTrainer : TechniqueEstimator<BertTaggerTransformer, BertTaggerOptions>
{
    private readonly TokenLabelColumn _label;
    private readonly TextColumn _tokens;
    private readonly BertModel _start;

    internal BertTaggerTrainer(
        IHostEnvironment environment, string labelColumnName, string tokensColumnName, BertTransformer bert, BertTaggerOptions? options)
        : base(environment, options)
    {
        (_label, _tokens) = (new(Named(labelColumnName)), new(Named(tokensColumnName)));
        _start = Options.Start(bert);
    }

    private protected override IEnumerable<InputColumn> Inputs => [_tokens, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => TokenLabelColumns.Create(_label.ClassesOf(input));

    private protected override BertTaggerTransformer Fit(IDataView input, IChannel channel)
    {
        LabelIndex index = LabelIndex.Of(input, _label.Name, Check);
        TaggedTexts rows = Read(input, index, channel);
        ClassLabels labels = index.Classes;
        TokenLabelColumn.RequireTwo(_label.Name, rows.Labels, rows.Tokens);
        TaggedTexts? validation = Validation is null
            ? null
            : Read(Validation, LabelIndex.Of(Validation, _label.Name, Check).Like(labels, _label.Name), channel);
        (BertModel encoder, LinearHead head) = new FineTuning(Environment, Options).Run(_start, text: null, labels.Count, rows, validation);
        return new BertTaggerTransformer(Environment, new(_tokens.Name, encoder, head, labels));
    }

    private TaggedTexts Read(IDataView data, LabelIndex index, IChannel channel)
    {
        Check();
        var rows = new TaggedTexts();
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[_tokens.Name], data.Schema[_label.Name]]);
        var reader = new BertWordReader(_start, cursor, _tokens.Name);
        KeyInput keys = index.Reader(cursor);
        List<WordPart> parts = [];
        long without = 0;
        while (cursor.MoveNext())
        {
            Check();
            reader.Texts.Clear();
            parts.Clear();
            int words = reader.Read(parts);
            ReadOnlySpan<int> labels = keys.ReadAll();
            if (labels.Length != words)
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"Column '{_label.Name}' has {labels.Length} labels and column '{_tokens.Name}' {words} tokens in row ") +
                    FormattableString.Invariant($"{cursor.Position}; each token needs one."));
            }

            without += labels.Count(-1);
            if (labels.ContainsAnyExcept(-1))
                rows.Add(reader.Texts, parts, labels);
        }

        LabelIndex.WarnOfMissing(channel, _label.Name, without, "tokens");
        return rows;
    }
}
