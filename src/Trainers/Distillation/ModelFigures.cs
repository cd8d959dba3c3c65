using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Distillation;

/// <summary>Size and speed of fitted models, for a report.</summary>
internal static class ModelFigures
{
    private const int WarmUpRows = 256;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.3);  // by then the runtime has compiled a second time what runs often
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>The bytes of a model as .zip; null if it cannot be saved.</summary>
    public static long? Bytes(ITransformer model)
    {
        using var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16,
                FileOptions.DeleteOnClose);
        try
        {
            new MLContext().Model.Save(model, null, file);
            return file.Length;
        }
        catch (Exception exception) when (exception is InvalidOperationException or NotSupportedException or ArgumentException or NotImplementedException)
        {
            return null;
        }
    }

    /// <summary>How many rows a second one cursor scores: all rows, or as many as go into a second. Those of the first 0.3 s only warm
    /// up where there are more.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Its rows.</param>
    /// <param name="columns">The columns that are read of each.</param>
    /// <param name="check">Called for every row; throws to stop.</param>
    public static double RowsPerSecond(ITransformer model, IDataView data, IReadOnlyList<string> columns, Action check)
    {
        IDataView scored = model.Transform(data);
        DataViewSchema.Column[] read = [.. columns.Select(name => scored.Schema[name])];
        using DataViewRowCursor cursor = scored.GetRowCursor(read);
        Action[] values = [.. read.Select(column => Reader(cursor, column))];
        var clock = Stopwatch.StartNew();
        long rows = 0;
        double cold = 0;
        bool isWarm = false;
        while (clock.Elapsed < Longest && cursor.MoveNext())
        {
            check();
            foreach (Action value in values)
                value();
            rows++;
            if (!isWarm && rows >= WarmUpRows && clock.Elapsed >= WarmUp)
            {
                cold = rows / clock.Elapsed.TotalSeconds;
                isWarm = true;
                rows = 0;
                clock.Restart();
            }
        }

        return rows == 0 ? cold : rows / clock.Elapsed.TotalSeconds;
    }

    private static Action Reader(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
        {
            ValueGetter<VBuffer<float>> vector = cursor.GetGetter<VBuffer<float>>(column);
            VBuffer<float> values = default;
            return () => vector(ref values);
        }

        ValueGetter<float> number = cursor.GetGetter<float>(column);
        float value = 0;
        return () => number(ref value);
    }
}
