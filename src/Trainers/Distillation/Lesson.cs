using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;
using MLNet.Papers.Training;
using static System.FormattableString;

namespace MLNet.Papers.Distillation;

/// <summary>Makes the transformer of a student.</summary>
internal delegate TTransformer StudentTransformer<TTransformer>(LayeredArchitecture architecture, NetworkWeights weights, DistillationReport? report)
    where TTransformer : ITransformer;

/// <summary>A student learns from a teacher: the way from rows to a transformer with its report.</summary>
internal sealed class Lesson(
    IHostEnvironment environment, DistillationOptions options, FeatureColumn features, string labelColumn, int classes, Teacher teacher, TorchDevice device)
{
    private const float Constant = 1e-6f;

    /// <summary>Reads the rows, trains the student and reports on both.</summary>
    /// <param name="input">The rows to train on.</param>
    /// <param name="readLabels">Reads their classes.</param>
    /// <param name="readValidationLabels">Reads the classes of the rows to validate on.</param>
    /// <param name="channel">Where warnings go.</param>
    /// <param name="create">Makes the transformer.</param>
    public TTransformer Run<TTransformer>(
        IDataView input, Func<DataViewRow, ClassReader> readLabels, Func<DataViewRow, ClassReader> readValidationLabels, IChannel channel,
            StudentTransformer<TTransformer> create)
        where TTransformer : ITransformer, IDisposable
    {
        using StudentRows rows = Read(input, readLabels);
        rows.ReportFile(channel);
        WarnOfConstant(rows, channel);
        using StudentRows? other = options.Validation is null ? null : Read(options.Validation, readValidationLabels);
        LayeredArchitecture architecture = options.Architecture(rows.Size, classes).RequireScorable(options.GetType().Name);
        using var training = new StudentTraining(environment, options, architecture, device, networks: 1);
        HeldOutRows held = other is null ? HeldOutRows.Split(rows, options.ValidationFraction, training.Seed) : HeldOutRows.Given(rows, other);
        Fitness teacherOnTraining = rows.Evaluate(held.Training), teacherOnValidation = held.Rows.Evaluate(held.Validation);
        if (options.Temperature != 1)
        {
            rows.ChangeProbabilities((_, probabilities) => SoftTargets.Soften(probabilities, options.Temperature));
            other?.ChangeProbabilities((_, probabilities) => SoftTargets.Soften(probabilities, options.Temperature));
        }

        (int[] validated, bool hasLabels) = held.ToValidateOn();
        NetworkWeights weights = training.Train(
            0,
            rows.Batches(held.Training, device),
            validated.Length == 0 ? null : held.Rows.Batches(validated, device),
            (p, y, logits) => SoftTargets.Distillation(p, y, logits, options.LabelWeight, options.Temperature),
            (p, y, logits) => hasLabels ? SoftTargets.CrossEntropy(y, logits).mean() : SoftTargets.Distillation(p, y, logits, 0, options.Temperature));

        using ProbabilityScorer scorer = training.Score(weights);
        Fitness onTraining = rows.Evaluate(scorer, held.Training, training.Check), onValidation = held.Rows.Evaluate(scorer, held.Validation, training.Check);
        using TTransformer plain = create(architecture, weights, null);
        var report = new DistillationReport(
            [
                Entry("teacher", isOutput: false, teacherOnTraining, teacherOnValidation, null, teacher.Transformer, teacher.ColumnNames),
                Entry("student", isOutput: true, onTraining, onValidation, architecture.ParameterCount, plain, ["Score"]),
            ],
            held.Training.Length, held.Training.Count(row => rows.ClassOf(row) < 0), teacherOnValidation.Count);
        channel.Info(MessageSensitivity.None, report.ToString());
        return create(architecture, weights, report);

        DistillationReportEntry Entry(string name, bool isOutput, Fitness training, Fitness validation, long? parameters, ITransformer model,
            IReadOnlyList<string> columns) => new(
            name, isOutput, training.Loss, training.Accuracy, validation.Loss, validation.Accuracy, parameters, ModelFigures.Bytes(model),
            ModelFigures.RowsPerSecond(model, input, columns, () => Host.ThrowIfCanceled(environment)));
    }

    private StudentRows Read(IDataView data, Func<DataViewRow, ClassReader> labels) =>
        StudentRows.Read(data, features, labelColumn, labels, classes, teacher, (long)options.CacheMebibytes << 20, environment);

    // A teacher that says the same of every row has learned nothing, and neither will its student.
    private static void WarnOfConstant(StudentRows rows, IChannel channel)
    {
        if (rows.Count < 2)
            return;
        float[] first = new float[rows.Classes], other = new float[rows.Classes];
        rows.ReadProbabilities(0, first);
        for (int row = 1; row < rows.Count; row++)
        {
            rows.ReadProbabilities(row, other);
            if (first.Zip(other).Any(pair => Math.Abs(pair.First - pair.Second) > Constant))
                return;
        }

        double entropy = -first.Where(p => p > 0).Sum(p => p * Math.Log(p));
        channel.Warning(MessageSensitivity.None,
            Invariant($"The teacher says the same of all {rows.Count} rows, with an entropy of {entropy:G4} nats: there is nothing to learn from it."));
    }
}

/// <summary>Which rows are trained on, and which are validated on.</summary>
/// <param name="Training">Rows of the training data.</param>
/// <param name="Rows">Where the rows to validate on are.</param>
/// <param name="Validation">Their numbers there.</param>
internal sealed record HeldOutRows(int[] Training, StudentRows Rows, int[] Validation)
{
    /// <summary>Other rows to validate on.</summary>
    /// <exception cref="InvalidOperationException">There are none.</exception>
    public static HeldOutRows Given(StudentRows rows, StudentRows validation) => validation.Count == 0
        ? throw new InvalidOperationException("Validation has no rows. Give it some, or set it to null.")
        : new HeldOutRows(rows.RowNumbers(withLabelOnly: false), validation, validation.RowNumbers(withLabelOnly: false));

    /// <summary>A part of the rows, drawn at random.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="fraction">The part.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="withLabelOnly">Whether they are drawn from the rows with a label, where no others can be validated on.</param>
    /// <exception cref="InvalidOperationException">Too few are held out or left.</exception>
    public static HeldOutRows Split(StudentRows rows, double fraction, int seed, bool withLabelOnly = false)
    {
        int[] all = rows.RowNumbers(withLabelOnly: false), drawn = withLabelOnly ? rows.RowNumbers(withLabelOnly: true) : all;
        int[] validation = ValidationSplit.Draw(drawn, fraction, seed, withLabelOnly ? "rows with a label" : "rows", row => rows.ClassOf(row)).Validation;
        return new HeldOutRows([.. all.Except(validation)], rows, validation);
    }

    /// <summary>Those with a label, or all where none has one.</summary>
    public (int[] Rows, bool HasLabels) ToValidateOn()
    {
        int[] labelled = [.. Validation.Where(row => Rows.ClassOf(row) >= 0)];
        return labelled.Length > 0 ? (labelled, true) : (Validation, false);
    }
}
