using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Bert;
using MLNet.Papers.Columns;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>Trains a BERT that exists, all of it, to give texts or pairs of texts a number, such as how alike two texts are.</summary>
/// <remarks>
/// <para><b>Source.</b> Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", NAACL 2019,
/// arXiv:1810.04805, sections 3.2 and 4.1.</para>
/// <para><b>Input.</b> A text, or two. Label: a Single.</para>
/// <para><b>Output.</b> Score: a Single, in the label's unit.</para>
/// <para><b>Method.</b> The vector of the text, of which a part is dropped; a new linear layer with the squared error, the labels being on a scale of mean 0
/// and deviation 1.</para>
/// <para><b>Cost.</b> The pieces of all texts lie in memory, 4 bytes each. A step runs forward and back through the encoder; see
/// <see cref="BertFineTuningOptions.FrozenLayers"/> and <see cref="BertFineTuningOptions.MaxLength"/> for shorter ones.</para>
/// <para><b>Randomness.</b> The new layer, the order of rows and dropout, from Seed.</para>
/// <para><b>Fit.</b> All rows are learned from, which are read once. The encoder that is given stays as it is: the transformer has its own.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are fewer than 2 rows; a label or a loss is not finite; a step would take too much memory; the GPU is missing; or the checkpoint belongs to another
/// training.
/// </exception>
public sealed class BertRegressorTrainer : TechniqueEstimator<BertRegressorTransformer, BertRegressorOptions>
{
    private readonly ScalarColumn _label;
    private readonly TextPairColumns _texts;
    private readonly BertModel _start;

    internal BertRegressorTrainer(
        IHostEnvironment environment,
        string labelColumnName,
        string textColumnName,
        BertTransformer bert,
        string? secondTextColumnName,
        BertRegressorOptions? options)
        : base(environment, options)
    {
        _label = new(Named(labelColumnName), NumberDataViewType.Single);
        _texts = new(Named(textColumnName), secondTextColumnName is null ? null : Named(secondTextColumnName));
        _start = Options.Start(bert);
    }

    private protected override IEnumerable<InputColumn> Inputs => [.. _texts.Names.Select(ScalarColumn.Text), _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => [RegressionColumns.Create(null, null)];

    private protected override BertRegressorTransformer Fit(IDataView input, IChannel channel)
    {
        ScoredTexts rows = Read(input, channel);
        ScoredTexts? validation = Validation is null ? null : Read(Validation, channel);
        StandardScale scale = rows.Scale();
        rows.Apply(scale);
        validation?.Apply(scale);
        (BertModel encoder, LinearHead head) = new FineTuning(Environment, Options).Run(
            _start, new TextVector(_start.Architecture, _start.Pooling), outputs: 1, rows, validation);
        return new BertRegressorTransformer(Environment, new(_texts.Text, _texts.Second, encoder, head, scale));
    }

    private ScoredTexts Read(IDataView data, IChannel channel)
    {
        var rows = new ScoredTexts();
        new LabelledTexts(Environment, _start, _texts, _label.Name, channel).Read(rows, data, cursor =>
        {
            var reader = new FiniteReader(cursor, TargetRows.TargetReader(cursor, data.Schema[_label.Name]), _label.Name);
            float[] score = new float[1];
            return () =>
            {
                reader.Read(score);
                rows.Add(score[0]);
                return true;
            };
        });
        return rows;
    }
}
