using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Columns;
using MLNet.Papers.Distillation;
using MLNet.Papers.Images;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;
using MLNet.Papers.Training;

namespace MLNet.Papers;

/// <summary>Trains a network to give the probability of a fitted classifier of two classes, of any kind.</summary>
/// <remarks>
/// <para><b>Source.</b> Furlanello et al., "Born-Again Neural Networks", ICML 2018, arXiv:1805.04770; Hinton, Vinyals and Dean 2015, arXiv:1503.02531.</para>
/// <para><b>Teacher.</b> Any fitted transformer, or chain of them, that adds Probability (Single) to the rows; or Score (Single), if it is said to be a logit,
/// ln(p / (1 − p)).</para>
/// <para><b>Input.</b> Features: a vector of Single; or images, if the options say so. Label: a Boolean; or a Single, 0 for false, 1 for true and NaN for a
/// row without a label, which
/// learns from the teacher alone. Everything that the teacher reads.</para>
/// <para><b>Output.</b> PredictedLabel (Boolean), Score (Single: ln(p / (1 − p))) and Probability (Single).</para>
/// <para><b>Loss.</b> That of <see cref="DistillationTrainer"/> with the classes false and true: two logits, whose softmax is the sigmoid of their
/// difference.</para>
/// <para><b>Several classes.</b> ML.NET's OneVersusAll and PairwiseCoupling do not take this trainer: they fit theirs once for each class or pair of classes,
/// each time with other labels, and a teacher knows only its own; besides, they take only models of a class that ML.NET alone makes.
/// <see cref="DistillationTrainer"/> learns from a teacher of several classes in one network.</para>
/// <para><b>Cost.</b> One pass over the data; the rows then lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary
/// file.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// <para><b>Fit.</b> The teacher scores all rows, and the student is trained on them.</para>
/// </remarks>
/// <exception cref="InvalidOperationException">
/// A score of the teacher is not finite or no probability; a label is neither 0 nor 1 nor NaN; there are fewer than 2 rows; a feature is not finite or an image
/// is missing; the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
/// </exception>
public sealed class BinaryDistillationTrainer : TechniqueEstimator<BinaryDistillationTransformer, DistillationOptions>
{
    private readonly ITransformer _teacher;
    private readonly BinaryLabelColumn _label;
    private readonly FeatureColumn _features;

    internal BinaryDistillationTrainer(IHostEnvironment environment, ITransformer teacher, string labelColumnName, string featureColumnName,
        DistillationOptions? options)
        : base(environment, options)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        (_teacher, _label, _features) = (teacher, new(Named(labelColumnName)), new(Named(featureColumnName), Options.ImageShape));
    }

    private protected override IEnumerable<InputColumn> Inputs => [_features, _label];

    private protected override IEnumerable<OutputColumn> Outputs(SchemaShape input) => BinaryColumns.Create(null);

    private protected override void CheckSchema(DataViewSchema schema) => BinaryTeacher.Require(_teacher, Options.TeacherScores, schema);

    private protected override TechniqueEstimator<BinaryDistillationTransformer> For(DataViewSchema schema) => _features.ShapeToTake(schema) is { } shape
        ? new BinaryDistillationTrainer(Environment, _teacher, _label.Name, _features.Name, Options.For(shape))
        : this;

    private protected override BinaryDistillationTransformer Fit(IDataView input, IChannel channel)
    {
        TorchDevice device = TorchDevice.Of(Environment);
        var lesson = new Lesson(Environment, Options, _features, _label.Name, classes: 2, new BinaryTeacher(_teacher, Options.TeacherScores), device);
        return lesson.Run(
            input, _label.CreateReader, _label.CreateReader, channel, (architecture, weights, report) =>
                new BinaryDistillationTransformer(Environment, new(_features, architecture, weights), report));
    }
}
