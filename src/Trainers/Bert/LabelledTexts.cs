using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;

namespace MLNet.Papers.Bert;

/// <summary>Reads the pieces of texts, or of pairs of texts, and what is to be learned of them.</summary>
/// <param name="environment">The environment of the fit, which may be cancelled.</param>
/// <param name="model">The encoder.</param>
/// <param name="columns">The texts.</param>
/// <param name="labelColumn">What is to be learned.</param>
/// <param name="channel">Where warnings go.</param>
internal sealed class LabelledTexts(IHostEnvironment environment, BertModel model, TextPairColumns columns, string labelColumn, IChannel channel)
{
    /// <summary>Reads a view, in one pass.</summary>
    /// <param name="rows">Receives the pieces.</param>
    /// <param name="data">The view.</param>
    /// <param name="createReader">Makes what reads the label of the current row: it keeps it, or says that there is none.</param>
    public void Read(FineTuningRows rows, IDataView data, Func<DataViewRowCursor, Func<bool>> createReader)
    {
        Host.ThrowIfCanceled(environment);
        using DataViewRowCursor cursor = data.GetRowCursor([.. columns.Names.Append(labelColumn).Distinct().Select(name => data.Schema[name])]);
        Func<bool> readLabel = createReader(cursor);
        var reader = new TextPairReader(model, cursor, columns);
        long without = 0;
        while (cursor.MoveNext())
        {
            Host.ThrowIfCanceled(environment);
            if (!readLabel())
            {
                without++;
                continue;
            }

            reader.Texts.Clear();
            reader.Read();
            rows.BeginRow();
            rows.AddSequence(reader.Texts.Batch.Pieces(0), reader.Texts.Batch.Second(0));
        }

        LabelIndex.WarnOfMissing(channel, labelColumn, without);
        reader.Texts.ReportCut(message => channel.Warning(MessageSensitivity.Schema, message), columns.Text);
    }
}
