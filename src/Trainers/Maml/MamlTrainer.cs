using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Episodes;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;
using MLNet.Papers.Maml;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>Learns an initialization from which few gradient steps on a few examples reach a classifier.</summary>
/// <remarks>
/// <para><b>Source.</b> Finn, Abbeel and Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017, arXiv:1703.03400; Algorithm 2,
/// second order or first.</para>
/// <para><b>Input.</b> Features: a vector of Single of known length D, finite; or an image of any size, which is resized and has values from 0 to 1. Label: a
/// key; or a text, number or Boolean, whose distinct values become the classes; the transformer then gives such a column as a key.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | row) in key order. The fitted transformer
/// knows the training classes, from gradient steps on the first Shots + QueriesPerClass rows of each.</para>
/// <para><b>Training data.</b> A row whose label is missing is left out. A class with fewer than Shots + QueriesPerClass rows takes no part in tasks, which is
/// said in a warning; where fewer than two classes have that many, tasks take fewer rows of a class, which is said too.
/// With fewer than Ways classes a task has them all.</para>
/// <para><b>Normalization.</b> The queries of a task are normalized with the statistics of its support, in training and in use: so the answer for a row does
/// not depend on the rows beside it, as it does in the paper's program.</para>
/// <para><b>Cost.</b> Fit holds the rows in memory, 4·D bytes each and the same again on the device, and the graphs of TasksPerStep × InnerSteps gradient
/// steps.</para>
/// <para><b>Randomness.</b> Initial weights, tasks and distortions, all from Seed. The same seed, data and number of threads give the same weights on a
/// CPU.</para>
/// <para><b>Fit.</b> Learns the initialization from all classes, and takes gradient steps to these classes; the rows are read once, or twice if the label is no
/// key.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// There are no rows, or fewer than two classes with two rows; a feature, a loss or a weight is not finite; the GPU is missing; or the
/// checkpoint belongs to another training.
/// </exception>
public sealed class MamlTrainer : TechniqueEstimator<MamlTransformer, MamlOptions>
{
    private readonly LabelColumn _label;
    private readonly FeatureColumn _features;

    internal MamlTrainer(IHostEnvironment environment, string labelColumnName, string featureColumnName, MamlOptions? options)
        : base(environment, options) => (_label, _features) = (new(Named(labelColumnName)), new(Named(featureColumnName), Options.ImageShape));

    private protected override IEnumerable<InputColumn> Inputs => [_features, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
        [.. MulticlassColumns.Create(null, _label.ClassesOf(input)), .. _label.GivenAnew(input)];

    private protected override TechniqueEstimator<MamlTransformer> For(DataViewSchema schema) => _features.ShapeToTake(schema) is { } shape
        ? new MamlTrainer(Environment, _label.Name, _features.Name, Options.For(shape))
        : this;

    private protected override MamlTransformer Fit(IDataView input, IChannel channel)
    {
        TorchSharp.torch.Device device = TorchDevice.Of(Environment);
        LabelledRows rows = Read(input);
        LabelledRows? held = Validation is null ? null : Read(Validation);
        MamlOptions options = EpisodeClasses.For(Options, _label.Name, channel, rows, held);
        EpisodeRows training = Episodes(options, rows, channel);
        EpisodeRows? validation = held is null ? null : Episodes(options, held, channel);
        MamlNetwork network = new EpisodicTraining(Environment, options, options.Steps).LearnInitialization(
            options, training, validation, options.ValidationEpisodes, device);
        int[] support = [.. rows.RowsByClass().SelectMany(members => members.Take((int)Math.Min(options.RowsPerClass, members.Length))).Order()];
        return MamlTransformer.Of(Environment, network, _features.Name, _label.Name, rows.Labels,
            [.. support.SelectMany(row => rows.Features[(row * rows.Size)..((row + 1) * rows.Size)])], [.. support.Select(row => rows.Classes[row])], Check);
    }

    private LabelledRows Read(IDataView data) => LabelledRows.Read(data, _features, _label.Name, Check);

    private EpisodeRows Episodes(MamlOptions options, LabelledRows rows, IChannel channel) =>
        new(rows.Features, rows.Size, [EpisodeClasses.Usable(rows, _label.Name, options, channel)]);
}
