using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Series;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers;

/// <summary>The base of the trainers of classifiers of series.</summary>
/// <remarks>
/// <para><b>Input.</b> Features: a vector of Single, of known length or not, whose length is a multiple of <see cref="SeriesOptions.Channels"/>; or a vector of
/// keys. Label: a key; or a text, number or Boolean, whose distinct values become the classes. Rows without a label are left out, which is said in a
/// warning.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | series) in key order.</para>
/// <para><b>Loss.</b> Cross-entropy, and <see cref="MinibatchOptions.L2"/>. A batch has series of about one length; what a network says of a series does not
/// depend on the padding behind it.</para>
/// <para><b>Cost.</b> The rows, 4 bytes a value, lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary file.</para>
/// <para><b>Randomness.</b> Initial weights, the order of rows and dropout, from Seed. The same seed, data and number of threads give the same weights on a
/// CPU.</para>
/// <para><b>Fit.</b> The network is trained on the rows that have a label; they are read once, or twice if the label is no key. The transformer holds nothing
/// native on a CPU.</para>
/// </remarks>
/// <typeparam name="TOptions">The technique's options.</typeparam>
public abstract class SeriesClassifierTrainer<TOptions> : TechniqueEstimator<SeriesClassifierTransformer, TOptions>
    where TOptions : SeriesOptions, new()
{
    private readonly LabelColumn _label;
    private readonly SeriesColumn _series;

    private protected SeriesClassifierTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName, TOptions? options)
        : base(environment, options) => (_label, _series) = (new(Named(labelColumnName)), new(Named(featureColumnName), Options.Channels));

    private protected sealed override IEnumerable<InputColumn> Inputs => [_series, _label];

    private protected sealed override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
        [.. MulticlassColumns.Create(null, _label.ClassesOf(input)), .. _label.GivenAnew(input)];

    private protected sealed override SeriesClassifierTransformer Fit(IDataView input, IChannel channel)
    {
        torch.Device device = TorchDevice.Of(Environment);
        var reader = new Rows(Environment, Options, _series, _label.Name, channel);
        (SeriesRows rows, ClassLabels labels) = reader.Read(input);
        using SeriesRows training = rows;
        using SeriesRows? validation = Validation is null ? null : reader.ReadLike(labels, Validation);
        SeriesModel model = new SeriesTraining(Environment, Options, _series, channel).Run(
            input.Schema, training, validation, device, labels.Count, (logits, classes) => torch.nn.functional.cross_entropy(logits, classes));
        return new SeriesClassifierTransformer(Environment, new(model, labels, _label.Name));
    }

    private sealed class Rows(IHostEnvironment environment, MinibatchOptions options, SeriesColumn series, string labelColumn, IChannel channel)
        : ClassReading<SeriesRows>(environment, labelColumn, channel)
    {
        private protected override (SeriesRows Rows, int WithoutLabel) Read(IDataView data, LabelIndex index, HashSet<int> present)
        {
            var rows = new SeriesRows(series, RowPart.Class(TrainingRows.Targets), options, Check);
            try
            {
                using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[series.Name], data.Schema[LabelColumn]]);
                SeriesReader reader = series.CreateReader(cursor);
                KeyInput label = index.Reader(cursor);
                int withoutLabel = 0;
                while (cursor.MoveNext())
                {
                    Check();
                    ReadOnlySpan<int> key = label.Read();
                    if (key.IsEmpty)
                    {
                        withoutLabel++;
                        continue;
                    }

                    present.Add(key[0]);
                    rows.Add(SeriesRows.Require(reader.Read(), series.Name, cursor.Position), key[0]);
                }

                return (rows, withoutLabel);
            }
            catch
            {
                rows.Dispose();
                throw;
            }
        }

        private protected override int CountOf(SeriesRows rows) => rows.Count;
    }
}
