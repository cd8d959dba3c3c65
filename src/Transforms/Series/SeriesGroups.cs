using System.Collections.Concurrent;

namespace MLNet.Papers.Series;

/// <summary>Series that go through a network side by side.</summary>
internal static class SeriesGroups
{
    // Whole groups of the rows that a dense layer computes at once.
    private const int MostOfAGroup = 24;
    private const long MostValues = 1L << 24;
    private const long LeastParallelWork = 4_000_000;

    /// <summary>Puts series of about one length together and runs each group, on several threads where that is worth while.</summary>
    /// <param name="count">How many series; at least 1.</param>
    /// <param name="steps">The length of a series.</param>
    /// <param name="values">Values that a series needs.</param>
    /// <param name="work">Multiply-adds of a series.</param>
    /// <param name="run">Runs a group; the longest series comes first.</param>
    public static void Run(int count, Func<int, int> steps, Func<int, long> values, Func<int, long> work, Action<ArraySegment<int>> run)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        Array.Sort(Array.ConvertAll(order, row => -steps(row)), order);
        var groups = new List<ArraySegment<int>>();
        long all = 0;
        for (int first = 0; first < count;)
        {
            // The first series of a group is its longest. Several threads share what is there.
            long memory = MostValues / values(order[first]);
            int share = Math.Max(1, (count + Environment.ProcessorCount - 1) / Environment.ProcessorCount);
            int size = Math.Min(count - first, (int)Math.Clamp(Math.Min(memory, share), 1, MostOfAGroup));
            groups.Add(new(order, first, size));
            all += work(order[first]) * size;
            first += size;
        }

        if (groups.Count == 1 || all < LeastParallelWork || Environment.ProcessorCount == 1)
            groups.ForEach(run);
        else
            Parallel.ForEach(Partitioner.Create(groups, EnumerablePartitionerOptions.NoBuffering), run);
    }
}
