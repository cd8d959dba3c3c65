using System.Globalization;

namespace MLNet.Papers.Scoring;

/// <summary>What scoring may take: how much one row may need, and how many rows a batch has. All is counted in values of 4 bytes and in 64 bits.</summary>
internal static class ScoringMemory
{
    /// <summary>The most values that one row may need, with all layers, borders and padding: 1 GiB. No place within them is beyond 32 bits.</summary>
    public const long MostOfARow = 1L << 28;

    /// <summary>The most values that a batch of several rows needs: 128 MiB. A row that needs more is a batch by itself.</summary>
    public const long MostOfABatch = 1L << 25;

    /// <summary>The most bytes of the input's other columns that are kept for a batch of several rows.</summary>
    public const long MostBytesPassedThrough = 256L << 20;

    private const long SmallBatch = 1L << 18;

    /// <summary>What is wrong with a need of a row, or null.</summary>
    public static string? FindFault(long values) => values <= MostOfARow
        ? null
        : string.Create(
            CultureInfo.InvariantCulture, $"a row needs {(double)values / MostOfARow:F1} GiB of memory while it is scored, and at most 1 GiB is possible");

    /// <summary>How many rows are scored at once.</summary>
    /// <param name="preferred">How many are fastest where memory does not matter.</param>
    /// <param name="held">Values that are held for each row of the batch.</param>
    /// <param name="working">Values that are needed besides while a row is computed, which as many rows as there are processors are at a time.</param>
    public static int Rows(int preferred, long held, long working = 0)
    {
        int together = Environment.ProcessorCount;
        long rows = MostOfABatch / Math.Max(1, held + working);
        if (rows > together)
            rows = (MostOfABatch - (together * working)) / Math.Max(1, held);
        return (int)Math.Clamp(rows, 1, preferred);
    }

    /// <summary>
    /// Makes room for a row of a batch: at once for all of them where they are small, else as they come, so that three rows do not pay for a whole batch.
    /// </summary>
    /// <param name="values">The values of all rows, which keep what they hold.</param>
    /// <param name="row">The row.</param>
    /// <param name="width">Values of a row.</param>
    /// <param name="capacity">The most rows.</param>
    public static void MakeRoom<T>(ref T[] values, int row, int width, int capacity)
    {
        if ((row + 1L) * width <= values.Length)
            return;
        long rows = (long)capacity * width <= SmallBatch ? capacity : Math.Min(capacity, Math.Max(row + 1L, 2L * row));
        Array.Resize(ref values, checked((int)(rows * width)));
    }
}
