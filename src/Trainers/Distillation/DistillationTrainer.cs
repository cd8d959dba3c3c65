using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Distillation;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>Trains a network to give the class probabilities of a fitted classifier of any kind.</summary>
/// <remarks>
/// <para><b>Source.</b> Furlanello et al., "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770, section 3 (a student of another kind than its teacher);
/// temperature and the
/// weight of labels: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015, arXiv:1503.02531.</para>
/// <para><b>Teacher.</b> Any fitted transformer, or chain of them, that adds Score to the rows: a vector of Single, one a class. Where it has a PredictedLabel
/// with key values, these
/// are its classes, and must be those of the label. It scores every row once.</para>
/// <para><b>Input.</b> Features: a vector of Single; or images, if the options say so. Label: a key; or a text, number or Boolean. Rows without a label learn
/// from the teacher alone.
/// Everything that the teacher reads.</para>
/// <para><b>Output.</b> PredictedLabel: a key with the classes as key values. Score: a vector of Single, p(class | row) in key order.</para>
/// <para><b>Loss.</b> The mean over the rows of λ H(y, q) + (1 − λ) T² H(p, q), see <see cref="DistillationOptions.LabelWeight"/> and <see
/// cref="StudentOptions.Temperature"/>.</para>
/// <para><b>Cost.</b> One pass over the data, two if the label is no key; the rows then lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what
/// is more in a temporary file.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// <para><b>Fit.</b> The teacher scores all rows, and the student is trained on them.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// The teacher has other classes than the label; its scores are not finite, or no probabilities where they should be; there are fewer than 2 rows; a feature is
/// not finite or an image is missing; the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class DistillationTrainer : TechniqueEstimator<DistillationTransformer, DistillationOptions>
{
    private readonly ITransformer _teacher;
    private readonly LabelColumn _label;
    private readonly FeatureColumn _features;

    internal DistillationTrainer(IHostEnvironment environment, ITransformer teacher, string labelColumnName, string featureColumnName,
        DistillationOptions? options)
        : base(environment, options)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        (_teacher, _label, _features) = (teacher, new(Named(labelColumnName)), new(Named(featureColumnName), Options.ImageShape));
    }

    private protected override IEnumerable<InputColumn> Inputs => [_features, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) =>
        [.. MulticlassColumns.Create(null, _label.ClassesOf(input)), .. _label.GivenAnew(input)];

    private protected override void CheckSchema(DataViewSchema schema) => MulticlassTeacher.Describe(_teacher, schema);

    private protected override TechniqueEstimator<DistillationTransformer> For(DataViewSchema schema) => _features.ShapeToTake(schema) is { } shape
        ? new DistillationTrainer(Environment, _teacher, _label.Name, _features.Name, Options.For(shape))
        : this;

    private protected override DistillationTransformer Fit(IDataView input, IChannel channel)
    {
        TorchDevice device = TorchDevice.Of(Environment);
        LabelIndex index = LabelIndex.Of(input, _label.Name, Check);
        (MulticlassTeacher teacher, ClassLabels classes) =
            MulticlassTeacher.Create(_teacher, Options.TeacherScores, input.Schema, input.Schema[_label.Name], index.Classes);
        var labels = new RowLabels(index, classes);
        var lesson = new Lesson(Environment, Options, _features, _label.Name, classes.Count, teacher, device);
        RowLabels? validationLabels = Validation is null ? null : RowLabels.OfValidation(Validation, _label.Name, classes, Check);
        return lesson.Run(
            input,
            row => labels.CreateReader(row, _label.Name),
            row => validationLabels!.CreateReader(row, _label.Name),
            channel,
            (architecture, weights, report) => new DistillationTransformer(Environment, new(_features, architecture, weights, classes, _label.Name), report));
    }
}
