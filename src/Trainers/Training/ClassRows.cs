using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;

namespace MLNet.Papers.Training;

/// <summary>Images with their classes as rows for minibatches.</summary>
internal static class ClassRows
{
    /// <summary>Reads training rows.</summary>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows or classes with rows, or a feature is not finite.</exception>
    public static LabelledRows Read(IDataView data, ImageColumn images, string labelColumn, IHostEnvironment environment, IChannel channel)
    {
        LabelledRows rows = LabelledRows.Read(data, images, labelColumn, () => Host.ThrowIfCanceled(environment));
        Check(rows, labelColumn, channel);
        return rows;
    }

    /// <summary>Warns of rows without a label, and refuses rows of fewer than two classes.</summary>
    /// <exception cref="InvalidOperationException">There are fewer than 2 rows or classes with rows.</exception>
    public static void Check(LabelledRows rows, string labelColumn, IChannel channel)
    {
        if (rows.WithoutLabel > 0)
            channel.Warning(MessageSensitivity.Schema, Text($"Column '{labelColumn}' is missing in {rows.WithoutLabel} rows, which are left out."));
        int present = rows.Classes.Distinct().Count();
        if (present < 2)
            throw new InvalidOperationException(Text($"Column '{labelColumn}' must have rows of at least 2 classes, but {rows.Count} rows with a label have {present}."));
    }

    /// <summary>Reads rows to validate on, whose classes must be those of the training rows.</summary>
    /// <exception cref="InvalidOperationException">A class is not among those of training, or a feature is not finite.</exception>
    public static MinibatchRows ReadLike(LabelledRows training, IDataView data, ImageColumn images, string labelColumn, IHostEnvironment environment, IChannel channel) =>
        Like(training, LabelledRows.Read(data, images, labelColumn, () => Host.ThrowIfCanceled(environment)), labelColumn, channel);

    /// <summary>Rows to validate on, whose classes must be those of the training rows.</summary>
    /// <exception cref="InvalidOperationException">A class is not among those of training.</exception>
    public static MinibatchRows Like(LabelledRows training, LabelledRows rows, string labelColumn, IChannel channel)
    {
        if (rows.WithoutLabel > 0)
            channel.Warning(MessageSensitivity.Schema, Text($"Column '{labelColumn}' is missing in {rows.WithoutLabel} validation rows, which are left out."));
        int[] known = [.. rows.Labels.Names.Select(training.Labels.Find)];
        if (rows.Classes.Where(index => known[index] < 0).Select(index => rows.Labels.Names[index]).FirstOrDefault() is { } unknown)
            throw new InvalidOperationException(Text($"Column '{labelColumn}' of Validation has the class '{unknown}', which the training data do not have."));
        return new MinibatchRows(rows.Features, rows.Size, Array.ConvertAll(rows.Classes, index => (long)known[index]));
    }

    /// <summary>The rows for minibatches.</summary>
    public static MinibatchRows Of(LabelledRows rows) => new(rows.Features, rows.Size, Array.ConvertAll(rows.Classes, index => (long)index));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
