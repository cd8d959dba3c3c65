using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Training;

namespace MLNet.Papers.Distillation;

/// <summary>Size and speed of fitted models, for a report.</summary>
internal static class ModelFigures
{
    private const int WarmUpRows = 256;
    private const int LeastRows = 1_024;
    private const int FewestRows = 10;
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

    /// <summary>
    /// How many rows a second one cursor scores. 256 rows warm up, and those of the first 0.3 s where there are so many; then 1,024 at least are measured.
    /// Where there are fewer, they are gone over again; the opening of a cursor does not count. A second ends it all: if 1,024 rows take longer, it is the
    /// speed of all rows in that second, and NaN for fewer than 10.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Its rows.</param>
    /// <param name="columns">The columns that are read of each.</param>
    /// <param name="check">Called for every row; throws to stop.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public static double RowsPerSecond(ITransformer model, IDataView data, IReadOnlyList<string> columns, Action check, TimeProvider? time = null)
    {
        try
        {
            return Measure(model, data, columns, check, time ?? TimeProvider.System);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Cancellation that was seen on a thread of the model's comes in an exception of another kind.
            check();
            throw;
        }
    }

    private static double Measure(ITransformer model, IDataView data, IReadOnlyList<string> columns, Action check, TimeProvider clock)
    {
        IDataView scored = model.Transform(new CancellableView(data, check));
        DataViewSchema.Column[] read = [.. columns.Select(name => scored.Schema[name])];
        (long Rows, long Ticks) cold = default, warm = default;
        bool isWarm = false, isOver = false;
        long start = clock.GetTimestamp();
        while (!isOver)
        {
            using DataViewRowCursor cursor = scored.GetRowCursor(read);
            Action[] values = [.. read.Select(column => Reader(cursor, column))];
            bool isEmpty = true;
            long last = clock.GetTimestamp();
            while (!isOver && cursor.MoveNext())
            {
                check();
                foreach (Action value in values)
                    value();
                long now = clock.GetTimestamp();
                ref (long Rows, long Ticks) measured = ref isWarm ? ref warm : ref cold;
                measured = (measured.Rows + 1, measured.Ticks + now - last);
                last = now;
                isEmpty = false;
                TimeSpan elapsed = clock.GetElapsedTime(start, now);
                isWarm |= cold.Rows >= WarmUpRows && elapsed >= WarmUp;
                isOver = elapsed >= Longest;
            }

            isWarm |= cold.Rows >= WarmUpRows;
            isOver |= isEmpty || warm.Rows >= LeastRows || clock.GetElapsedTime(start) >= Longest;
        }

        (long rows, long ticks) = warm.Rows >= LeastRows ? warm : (cold.Rows + warm.Rows, cold.Ticks + warm.Ticks);
        return rows < FewestRows ? double.NaN : rows * (double)clock.TimestampFrequency / ticks;
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
