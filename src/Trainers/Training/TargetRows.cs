using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Labels;

namespace MLNet.Papers.Training;

/// <summary>Rows with the numbers that a network shall learn to give, for minibatches.</summary>
internal static class TargetRows
{
    /// <summary>Reads a view, in one pass.</summary>
    /// <param name="data">The view.</param>
    /// <param name="images">The inputs.</param>
    /// <param name="targetColumn">The numbers to learn; null for the inputs themselves.</param>
    /// <param name="options">The most memory for rows.</param>
    /// <param name="environment">The environment of the fit, which may be cancelled.</param>
    /// <param name="change">Checks and changes a row, if there is something to change.</param>
    /// <returns>The rows, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A number is not finite or an image is missing; the message names column and row.</exception>
    public static TrainingRows Read(
        IDataView data, ImageColumn images, string? targetColumn, MinibatchOptions options, IHostEnvironment environment, TargetRow? change = null)
    {
        DataViewSchema.Column input = images.Require(data.Schema);
        float[] inputs = new float[images.Shape!.Value.Size],
            targets = new float[targetColumn is null ? 0 : new TargetColumn(targetColumn).SizeIn(data.Schema)];
        DataViewSchema.Column[] columns = targetColumn is null ? [input] : [input, data.Schema[targetColumn]];
        using DataViewRowCursor cursor = data.GetRowCursor(columns);
        var inputReader = new FiniteReader(cursor, images.CreateReader(cursor), images.Name);
        FiniteReader? targetReader = targetColumn is null ? null : new(cursor, TargetReader(cursor, data.Schema[targetColumn]), targetColumn);
        var rows = new TrainingRows(inputs.Length, targetColumn is null ? null : new(TrainingRows.Targets, targets.Length), options, Check);
        try
        {
            while (cursor.MoveNext())
            {
                Check();
                inputReader.Read(inputs);
                targetReader?.Read(targets);
                change?.Invoke(rows.Count, inputs, targets);
                rows.Add(inputs, targets);
            }

            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }

        void Check() => Host.ThrowIfCanceled(environment);
    }

    /// <summary>What reads the numbers to learn of a row.</summary>
    public static RowReader TargetReader(DataViewRow row, DataViewSchema.Column column) =>
        column.Type is VectorDataViewType ? new VectorReader(row, column) : new NumberReader(row, column);

    private sealed class NumberReader(DataViewRow row, DataViewSchema.Column column) : RowReader
    {
        private readonly ValueGetter<float> _getter = row.GetGetter<float>(column);

        public override void Read(Span<float> values) => _getter(ref values[0]);
    }
}

/// <summary>Checks and changes the inputs and targets of a row.</summary>
internal delegate void TargetRow(int row, Span<float> inputs, Span<float> targets);
