using System.Globalization;
using System.Text;

namespace MLNet.Papers;

/// <summary>What a fit found about the teacher and its students; there after <c>Fit</c> only, and not saved with a model.</summary>
/// <param name="Models">The teacher, where it was given, and then each network in the order of training.</param>
/// <param name="TrainingRows">Rows that were trained on; those that were held out, and trained on at the end, are not among them.</param>
/// <param name="UnlabelledRows">How many of these had no label.</param>
/// <param name="ValidationRows">Rows with a label that were held out or given as validation data; 0 for none.</param>
public sealed record DistillationReport(IReadOnlyList<DistillationReportEntry> Models, int TrainingRows, int UnlabelledRows, int ValidationRows)
{
    /// <summary>The report as a table of text, one model a line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(Line($"{TrainingRows} training rows, {UnlabelledRows} of them without a label; {ValidationRows} validation rows"));
        text.Append(Line($"{"model",-14}{"out",4}{"train loss",12}{"train acc.",12}{"valid. loss",12}{"valid. acc.",12}"))
            .Append(Line($"{"parameters",12}{"bytes",12}{"rows/s",12}"));
        foreach (DistillationReportEntry entry in Models)
        {
            text.AppendLine();
            text.Append(Line($"{entry.Name,-14}{(entry.IsOutput ? "*" : ""),4}{entry.TrainingLoss,12:F4}{entry.TrainingAccuracy,12:F4}"))
                .Append(Line($"{entry.ValidationLoss,12:F4}{entry.ValidationAccuracy,12:F4}"))
                .Append(Line($"{entry.Parameters,12}{entry.ModelBytes,12}{entry.RowsPerSecond,12:F0}"));
        }

        return text.ToString();

        static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>One model of a <see cref="DistillationReport"/>.</summary>
/// <param name="Name">"teacher", "student", "generation k", "ensemble", or "refit k" for generation k trained again on all rows.</param>
/// <param name="IsOutput">Whether the fitted transformer scores with it.</param>
/// <param name="TrainingLoss">The mean of −ln of what it gives the label of a training row, in nats; for regression the mean squared error. Null where no row
/// has a label.</param>
/// <param name="TrainingAccuracy">The part of the labelled training rows that it classifies right, from 0 to 1; null for regression.</param>
/// <param name="ValidationLoss">The same loss on the validation rows; null without them, and where they were trained on.</param>
/// <param name="ValidationAccuracy">The same part of the validation rows; null without them, and where they were trained on.</param>
/// <param name="Parameters">How many numbers its training changed; null for a teacher, which may be anything.</param>
/// <param name="ModelBytes">Its size as a model .zip; null if it cannot be saved.</param>
/// <param name="RowsPerSecond">Rows that one cursor scores in a second, the reading of their columns included: measured on 1,024 training rows or more, some of
/// them several times where there are fewer, or on as many as go into a second. NaN where these are fewer than 10, too few to say.</param>
public sealed record DistillationReportEntry(
    string Name, bool IsOutput, double? TrainingLoss, double? TrainingAccuracy, double? ValidationLoss, double? ValidationAccuracy, long? Parameters,
        long? ModelBytes, double RowsPerSecond);
