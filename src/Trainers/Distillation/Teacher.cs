using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Images;
using MLNet.Papers.Labels;
using MLNet.Papers.Networks;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Distillation;

/// <summary>A fitted model whose scores a student learns.</summary>
/// <param name="transformer">The model.</param>
internal abstract class Teacher(ITransformer transformer)
{
    protected const float SumTolerance = 1e-3f;

    public ITransformer Transformer { get; } = transformer;

    /// <summary>Names of the columns that are read of a row that the model has scored.</summary>
    public abstract IReadOnlyList<string> ColumnNames { get; }

    /// <summary>What reads the class probabilities of a row, in the order of the student's classes.</summary>
    public abstract ProbabilityReader CreateReader(DataViewRow row);

    /// <summary>The schema of rows that the model has scored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The model does not read such rows.</exception>
    protected static DataViewSchema OutputSchema(ITransformer transformer, DataViewSchema input)
    {
        try
        {
            return transformer.GetOutputSchema(input);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            throw new ArgumentOutOfRangeException(
                $"The teacher cannot score rows with the columns {string.Join(", ", input.Select(column => $"'{column.Name}'"))}: " +
                $"{WithoutParameter(exception)}",
                exception);
        }
    }

    // A parameter of the model's own code says nothing to who gave the model.
    private static string WithoutParameter(Exception exception) => exception is ArgumentException { ParamName: { } name }
        ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
        : exception.Message;

    protected static InvalidOperationException Broken(string column, long row, string message) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The teacher's column '{column}' has in row {row} {message}."));
}

/// <summary>Reads what a teacher says of the classes of a row.</summary>
/// <param name="probabilities">Filled with p of each class.</param>
internal delegate void ProbabilityReader(Span<float> probabilities);

/// <summary>A classifier of two or more classes.</summary>
internal sealed class MulticlassTeacher : Teacher
{
    private readonly TeacherScores _kind;
    private readonly int[] _order;

    private MulticlassTeacher(ITransformer transformer, TeacherScores kind, int[] order)
        : base(transformer) => (_kind, _order) = (kind, order);

    public override IReadOnlyList<string> ColumnNames => [MulticlassColumns.Score];

    /// <summary>How many classes a teacher scores, and their names where it says them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It cannot score such rows, or has no scores.</exception>
    public static (int Count, ClassLabels? Classes) Describe(ITransformer transformer, DataViewSchema input)
    {
        DataViewSchema scored = OutputSchema(transformer, input);
        if (scored.GetColumnOrNull(MulticlassColumns.Score) is not { } score)
        {
            throw new ArgumentOutOfRangeException(paramName: null,
                $"The teacher has no column '{MulticlassColumns.Score}'; its columns are {string.Join(", ", scored.Select(column => $"'{column.Name}'"))}.");
        }

        if (score.Type is not VectorDataViewType { IsKnownSize: true } vector || !vector.ItemType.Equals(NumberDataViewType.Single))
        {
            throw new ArgumentOutOfRangeException(paramName: null,
                $"The teacher's column '{MulticlassColumns.Score}' must be a vector of Single of known length, one score a class, but is {score.Type}.");
        }

        DataViewSchema.Column? predicted = scored.GetColumnOrNull(MulticlassColumns.PredictedLabel);
        // Scores tell their classes also where a pipeline has turned the predicted key into its value. Without that, a key without values counts its classes.
        ClassLabels? classes = ClassLabels.OfScores(score);
        if (classes is null && predicted?.Type is KeyDataViewType key && (int)key.Count == vector.Size)
            classes = ClassLabels.Of(predicted.Value);
        return (vector.Size, classes);
    }

    /// <summary>Brings a teacher's classes together with those of a label.</summary>
    /// <param name="transformer">The teacher.</param>
    /// <param name="kind">What its scores are.</param>
    /// <param name="input">The columns of the rows.</param>
    /// <param name="label">The label's column.</param>
    /// <param name="labels">The label's classes.</param>
    /// <returns>The teacher, and the student's classes: those of a key, in its order; else the teacher's.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The teacher cannot score such rows, or has no scores.</exception>
    /// <exception cref="InvalidOperationException">Their classes differ.</exception>
    public static (MulticlassTeacher Teacher, ClassLabels Classes) Create(ITransformer transformer, TeacherScores kind, DataViewSchema input,
        DataViewSchema.Column label, ClassLabels labels)
    {
        (int count, ClassLabels? known) = Describe(transformer, input);
        bool isKey = label.Type is KeyDataViewType;
        if (known is null && !isKey)
        {
            throw new InvalidOperationException(
                $"The teacher does not name the classes of its scores, so column '{label.Name}' must be a key, " +
                $"whose order is then that of the scores, but is {label.Type}.");
        }

        ClassLabels classes = isKey ? labels : Spelled(known!, (PrimitiveDataViewType)label.Type, label.Name);
        ClassLabels? spelled = known is null || isKey ? known : classes;
        if (classes.Count != count || (spelled is not null && labels.Names.Except(spelled.Names).Any()))
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"Column '{label.Name}' has {labels.Count} classes ({List(labels)}), " +
                $"but the teacher scores {count} ({(known is null ? "it does not name them" : List(known))}). They must be the same."));
        }

        int[] order = [.. spelled is null ? Enumerable.Range(0, count) : spelled.Names.Select(classes.Find)];
        return (new MulticlassTeacher(transformer, kind, order), classes);
    }

    public override ProbabilityReader CreateReader(DataViewRow row)
    {
        var reader = new VectorReader(row, row.Schema[MulticlassColumns.Score]);
        float[] scores = new float[_order.Length];
        return probabilities =>
        {
            reader.Read(scores);
            if (!FiniteValues.AreAll(scores))
                throw Broken(MulticlassColumns.Score, row.Position, FormattableString.Invariant($"{scores.First(score => !float.IsFinite(score))}"));
            if (_kind == TeacherScores.Logits)
                ClassProbabilities.Softmax(scores);
            else
                Normalize(row.Position);
            for (int i = 0; i < scores.Length; i++)
                probabilities[_order[i]] = scores[i];
        };

        void Normalize(long position)
        {
            double sum = 0;
            foreach (float score in scores)
                sum += score;
            float least = TensorPrimitives.Min<float>(scores);
            if (least < -SumTolerance || Math.Abs(sum - 1) > SumTolerance)
            {
                string found = FormattableString.Invariant($"scores from {least:G6} on that add up to {sum:G6}");
                throw Broken(MulticlassColumns.Score, position, $"{found}, which are no probabilities; TeacherScores.Logits takes scores of any kind");
            }

            for (int i = 0; i < scores.Length; i++)
                scores[i] = (float)(Math.Max(0, scores[i]) / sum);
        }
    }

    // The classes of the teacher as values of the label's type: its 1 may be a text, and the label's a number.
    private static ClassLabels Spelled(ClassLabels classes, PrimitiveDataViewType type, string column)
    {
        var same = new ClassLabels(type, [.. classes.Names]);
        try
        {
            return new ClassLabels(type, [.. classes.Names.Select(same.Spell)]);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidOperationException($"Column '{column}' is {type}, but the teacher scores the classes {List(classes)}. They must be the same.",
                exception);
        }
    }

    private static string List(ClassLabels labels) => string.Join(", ", labels.Names.Take(20).Select(name => $"'{name}'")) + (labels.Count > 20 ? ", …" : "");
}

/// <summary>A classifier of two classes: those of the student are false and true.</summary>
internal sealed class BinaryTeacher(ITransformer transformer, TeacherScores kind) : Teacher(transformer)
{
    public override IReadOnlyList<string> ColumnNames => [ColumnName(kind)];

    /// <summary>Checks that a teacher can score such rows and has the column that is read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It cannot, or has not.</exception>
    public static void Require(ITransformer transformer, TeacherScores kind, DataViewSchema input)
    {
        DataViewSchema scored = OutputSchema(transformer, input);
        string name = ColumnName(kind);
        if (scored.GetColumnOrNull(name) is not { } column)
        {
            string way = kind == TeacherScores.Probabilities ? " Calibrate it, or let TeacherScores be Logits if its Score is one." : "";
            throw new ArgumentOutOfRangeException(paramName: null,
                $"The teacher has no column '{name}'; its columns are {string.Join(", ", scored.Select(known => $"'{known.Name}'"))}.{way}");
        }

        if (!column.Type.Equals(NumberDataViewType.Single))
            throw new ArgumentOutOfRangeException(paramName: null, $"The teacher's column '{name}' must be a Single, but is {column.Type}.");
    }

    public override ProbabilityReader CreateReader(DataViewRow row)
    {
        string name = ColumnName(kind);
        ValueGetter<float> getter = row.GetGetter<float>(row.Schema[name]);
        float value = 0;
        return probabilities =>
        {
            getter(ref value);
            if (!float.IsFinite(value) || (kind == TeacherScores.Probabilities && (value is < -SumTolerance or > 1 + SumTolerance)))
            {
                string requirement = kind == TeacherScores.Probabilities ? "probability" : "logit";
                throw Broken(name, row.Position, string.Create(CultureInfo.InvariantCulture, $"{value}, which is no {requirement}"));
            }

            probabilities[1] = kind == TeacherScores.Probabilities ? Math.Clamp(value, 0, 1) : 1 / (1 + MathF.Exp(-value));
            probabilities[0] = 1 - probabilities[1];
        };
    }

    private static string ColumnName(TeacherScores kind) => kind == TeacherScores.Probabilities ? BinaryColumns.Probability : BinaryColumns.Score;
}
