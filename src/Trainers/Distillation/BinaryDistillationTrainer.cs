using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Distillation;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;

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
/// <para><b>Cost.</b> One pass over the data; the rows then lie in a cache of <see cref="MinibatchOptions.CacheMebibytes"/>, what is more in a temporary
/// file.</para>
/// <para><b>Randomness.</b> Initial weights and the order of rows, from Seed. The same seed, data and number of threads give the same weights on a CPU.</para>
/// </remarks>
public sealed class BinaryDistillationTrainer : IEstimator<BinaryDistillationTransformer>
{
    private const string LabelRequirement = "a Boolean or a Single";

    private readonly IHostEnvironment _environment;
    private readonly ITransformer _teacher;
    private readonly string _labelColumnName;
    private readonly FeatureColumn _features;
    private readonly DistillationOptions _options;

    internal BinaryDistillationTrainer(IHostEnvironment environment, ITransformer teacher, string labelColumnName, string featureColumnName,
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
    /// <param name="input">The training data; read once.</param>
    /// <returns>The fitted transformer, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or the teacher cannot score these rows.</exception>
    /// <exception cref="InvalidOperationException">
    /// A score of the teacher is not finite or no probability; a label is neither 0 nor 1 nor NaN; there are fewer than 2 rows; a feature is not finite or an
    /// image is missing; the loss
    /// or a weight is not finite; the GPU is missing; or the checkpoint belongs to another training.
    /// </exception>
    /// <exception cref="OperationCanceledException">The context was cancelled; what was allocated is freed.</exception>
    public BinaryDistillationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckColumns(input.Schema);
        if (_options.Validation is not null)
            CheckColumns(_options.Validation.Schema);
        TorchDevice device = TorchDevice.Of(_environment);
        using IChannel channel = _environment.Start(nameof(BinaryDistillationTrainer));
        var lesson = new Lesson(_environment, _options, _features, _labelColumnName, classes: 2, new BinaryTeacher(_teacher, _options.TeacherScores), device);
        return lesson.Run(
            input, ReadLabels, ReadLabels, channel, (architecture, weights, report) =>
                new BinaryDistillationTransformer(_environment, new(_features, architecture, weights), report));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _features.Require(inputSchema);
        SchemaShape.Column label = InputColumns.Require(inputSchema, _labelColumnName);
        bool fits = label.Kind == SchemaShape.Column.VectorKind.Scalar && !label.IsKey
            && (label.ItemType is BooleanDataViewType || label.ItemType.Equals(NumberDataViewType.Single));
        return fits ? SchemaShapes.With(inputSchema, BinaryColumns.Promise)
            : throw InputColumns.Mismatch(_labelColumnName, LabelRequirement, SchemaShapes.TypeName(label));
    }

    private ClassReader ReadLabels(DataViewRow row)
    {
        DataViewSchema.Column column = row.Schema[_labelColumnName];
        if (column.Type is BooleanDataViewType)
        {
            ValueGetter<bool> boolean = row.GetGetter<bool>(column);
            bool isTrue = false;
            return () =>
            {
                boolean(ref isTrue);
                return isTrue ? 1 : 0;
            };
        }

        ValueGetter<float> number = row.GetGetter<float>(column);
        float value = 0;
        return () =>
        {
            number(ref value);
            return value switch
            {
                0 => 0,
                1 => 1,
                float.NaN => -1,
                _ => throw new InvalidOperationException(FormattableString.Invariant(
                    $"Column '{_labelColumnName}' must be 0, 1 or NaN, but is {value} in row {row.Position}.")),
            };
        };
    }

    private void CheckColumns(DataViewSchema schema)
    {
        _features.Require(schema);
        DataViewSchema.Column label = InputColumns.Require(schema, _labelColumnName);
        if (label.Type is not BooleanDataViewType && !label.Type.Equals(NumberDataViewType.Single))
            throw InputColumns.Mismatch(_labelColumnName, LabelRequirement, label.Type.ToString()!);
        BinaryTeacher.Require(_teacher, _options.TeacherScores, schema);
    }
}
