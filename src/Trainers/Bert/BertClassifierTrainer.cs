using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;

namespace MLNet.Papers;

/// <summary>Trains a BERT that exists, all of it, to classify texts or pairs of texts.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, sections 3.2 and 4.1.</para>
/// <para><b>Input.</b> A text, or two. Label: a key; or a text, number or Boolean, whose distinct values become the classes. Rows without a label are left out,
/// which is said in a warning.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | text) in key order.</para>
/// <para><b>Method.</b> The vector of the text, of which a part is dropped; a new linear layer with softmax and cross-entropy.</para>
/// <para><b>Cost.</b> The pieces of all texts lie in memory, 4 bytes each. A step runs forward and back through the encoder; see
/// <see cref="BertFineTuningOptions.FrozenLayers"/> and <see cref="BertFineTuningOptions.MaxLength"/> for shorter ones.</para>
/// <para><b>Randomness.</b> The new layer, the order of rows and dropout, from Seed.</para>
/// <para><b>Fit.</b> All rows that have a label are learned from; they are read once, or twice if the label is no key. The encoder that is given stays as it
/// is: the transformer has its own.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows or classes; a loss is not finite; a step would take too much memory; the GPU is missing; or the checkpoint belongs to another
/// training.
/// </exception>
public sealed class BertClassifierTrainer : TechniqueEstimator<BertClassifierTransformer, BertClassifierOptions>
{
    private readonly LabelColumn _label;
    private readonly TextPairColumns _texts;
    private readonly BertModel _start;

    internal BertClassifierTrainer(
        IHostEnvironment environment,
        string labelColumnName,
        string textColumnName,
        BertTransformer bert,
        string? secondTextColumnName,
        BertClassifierOptions? options)
        : base(environment, options)
    {
        _label = new(Named(labelColumnName));
        _texts = new(Named(textColumnName), secondTextColumnName is null ? null : Named(secondTextColumnName));
        _start = Options.Start(bert);
    }

    private protected override IEnumerable<InputColumn> Inputs => [.. _texts.Names.Select(ScalarColumn.Text), _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
        [.. MulticlassColumns.Create(null, _label.ClassesOf(input)), .. _label.GivenAnew(input)];

    private protected override BertClassifierTransformer Fit(IDataView input, IChannel channel)
    {
        LabelIndex index = LabelIndex.Of(input, _label.Name, Check);
        ClassifiedTexts rows = Read(input, index, channel);
        ClassLabels labels = index.Classes;
        LabelIndex.RequireTwo(_label.Name, rows.Classes, rows.Count);
        ClassifiedTexts? validation = Validation is null
            ? null
            : Read(Validation, LabelIndex.Of(Validation, _label.Name, Check).Like(labels, _label.Name), channel);
        (BertModel encoder, LinearHead head) = new FineTuning(Environment, Options).Run(
            _start, new TextVector(_start.Architecture, _start.Pooling), labels.Count, rows, validation);
        return new BertClassifierTransformer(Environment, new(_texts.Text, _texts.Second, encoder, head, labels, _label.Name));
    }

    private ClassifiedTexts Read(IDataView data, LabelIndex index, IChannel channel)
    {
        var rows = new ClassifiedTexts();
        new LabelledTexts(Environment, _start, _texts, _label.Name, channel).Read(rows, data, cursor =>
        {
            KeyInput keys = index.Reader(cursor);
            return () => keys.ReadAll()[0] is var label and >= 0 && rows.Add(label);
        });
        return rows;
    }
}
