using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Distillation;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;

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
/// <para><b>Cost.</b> One pass over the data, two if the label is no key; the rows then lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is
/// more in a temporary file.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// </remarks>
public sealed class DistillationTrainer : IEstimator<DistillationTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly ITransformer _teacher;
    private readonly string _labelColumnName;
    private readonly FeatureColumn _features;
    private readonly DistillationOptions _options;

    internal DistillationTrainer(IHostEnvironment environment, ITransformer teacher, string labelColumnName, string featureColumnName,
        DistillationOptions? options)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(featureColumnName);
        (_environment, _teacher, _labelColumnName) = (environment, teacher, labelColumnName);
        _options = (DistillationOptions)(options ?? new()).Copy();
        _options.Validate();
        _features = new FeatureColumn(featureColumnName, _options.ImageShape);
    }

    /// <summary>Lets the teacher score all rows of <paramref name="input"/>, and trains the student on them.</summary>
    /// <param name="input">The training data.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or the teacher cannot score these rows.</exception>
    /// <exception cref="InvalidOperationException">
    /// The teacher has other classes than the label; its scores are not finite, or no probabilities where they should be; there are fewer than 2 rows; a
    /// feature is not finite or an
    /// image is missing; the loss or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public DistillationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckColumns(input.Schema);
        if (_options.Validation is not null)
            CheckColumns(_options.Validation.Schema);
        TorchDevice device = TorchDevice.Of(_environment);
        using IChannel channel = _environment.Start(nameof(DistillationTrainer));
        LabelIndex index = LabelIndex.Of(input, _labelColumnName, Check);
        (MulticlassTeacher teacher, ClassLabels classes) =
            MulticlassTeacher.Create(_teacher, _options.TeacherScores, input.Schema, input.Schema[_labelColumnName], index.Classes);
        var labels = new RowLabels(index, classes);
        var lesson = new Lesson(_environment, _options, _features, _labelColumnName, classes.Count, teacher, device);
        RowLabels? validationLabels = _options.Validation is null ? null : RowLabels.OfValidation(_options.Validation, _labelColumnName, classes, Check);
        return lesson.Run(
            input,
            row => labels.CreateReader(row, _labelColumnName),
            row => validationLabels!.CreateReader(row, _labelColumnName),
            channel,
            (architecture, weights, report) => new DistillationTransformer(_environment, new(_features, architecture, weights, classes), report));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _features.Require(inputSchema);
        return SchemaShapes.With(inputSchema, MulticlassColumns.Promise(LabelColumn.Require(inputSchema, _labelColumnName)));
    }

    private void Check() => Host.ThrowIfCanceled(_environment);

    private void CheckColumns(DataViewSchema schema)
    {
        _features.Require(schema);
        LabelColumn.Require(schema, _labelColumnName);
        MulticlassTeacher.Describe(_teacher, schema);
    }
}
