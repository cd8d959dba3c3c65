using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;
using static System.FormattableString;

namespace MLNet.Papers.Training;

/// <summary>Rows with their classes, for minibatches.</summary>
/// <param name="environment">The environment of the fit.</param>
/// <param name="options">The most memory for rows.</param>
/// <param name="features">What a network reads.</param>
/// <param name="labelColumn">The name of the label.</param>
/// <param name="channel">Where warnings go.</param>
internal sealed class ClassRows(IHostEnvironment environment, MinibatchOptions options, FeatureColumn features, string labelColumn, IChannel channel)
{
    /// <summary>Reads training rows.</summary>
    /// <returns>The rows, to be disposed by the caller, and the classes.</returns>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows or classes with rows, or a feature is not finite.</exception>
    public (TrainingRows Rows, ClassLabels Labels) Read(IDataView data)
    {
        LabelIndex index = LabelIndex.Of(data, labelColumn, Check);
        var present = new HashSet<int>();
        TrainingRows rows = Read(data, index, "rows", label =>
        {
            present.Add(label);
            return label;
        });
        if (present.Count >= 2)
            return (rows, index.Classes);
        rows.Dispose();
        throw new InvalidOperationException(
            Invariant($"Column '{labelColumn}' must have rows of at least 2 classes, but {rows.Count} rows with a label have {present.Count}."));
    }

    /// <summary>Reads rows to validate on, whose classes must be those of the training rows.</summary>
    /// <returns>The rows, to be disposed by the caller.</returns>
    /// <exception cref="InvalidOperationException">A class is not among those of training, or a feature is not finite.</exception>
    public TrainingRows ReadLike(ClassLabels labels, IDataView data)
    {
        LabelIndex index = LabelIndex.Of(data, labelColumn, Check);
        int[] known = [.. index.Classes.Names.Select(labels.Find)];
        return Read(data, index, "validation rows", label => known[label] >= 0
            ? known[label]
            : throw new InvalidOperationException(
                Invariant($"Column '{labelColumn}' of Validation has the class '{index.Classes.Names[label]}', which the training data do not have.")));
    }

    private TrainingRows Read(IDataView data, LabelIndex index, string what, Func<int, int> classOf)
    {
        int size = features.SizeOf(features.Require(data.Schema));
        var rows = new TrainingRows(size, RowPart.Class(TrainingRows.Targets), options, Check);
        try
        {
            int withoutLabel = LabelledRows.ForEach(data, features, labelColumn, index, Check, (row, label) => rows.Add(row, classOf(label)));
            if (withoutLabel > 0)
                channel.Warning(MessageSensitivity.Schema, Invariant($"Column '{labelColumn}' is missing in {withoutLabel} {what}, which are left out."));
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    private void Check() => Host.ThrowIfCanceled(environment);
}
