using MLNet.Papers.Interop;
using MLNet.Papers.Training;

namespace MLNet.Papers.CoVe;

/// <summary>Batches of pairs of about one length, so that little is padded; in an order that is drawn anew for every epoch, and depends on it alone.</summary>
internal sealed class TranslationBatches
{
    private readonly EpochOrder<int[][]> _epochs;

    /// <param name="pairs">The pairs.</param>
    /// <param name="size">B.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <param name="check">Called now and then; throws to stop.</param>
    public TranslationBatches(TranslationPairs pairs, int size, int seed, Action? check = null)
    {
        Count = (pairs.Count + size - 1) / size;
        _epochs = new(seed, Count, random =>
        {
            int[][] batches = [.. Sorted(pairs, EpochOrder.Shuffled(pairs.Count, random), check).Chunk(size)];
            random.Shuffle(batches);
            return batches;
        });
    }

    /// <summary>Steps of an epoch.</summary>
    public int Count { get; }

    /// <summary>The pairs of a training step.</summary>
    public int[] At(long step)
    {
        (int[][] batches, long batch) = _epochs.At(step);
        return batches[batch];
    }

    /// <summary>All pairs in batches, in the same order each time.</summary>
    public static IEnumerable<int[]> InOrder(TranslationPairs pairs, int size, Action? check = null) =>
        pairs.Count == 0 ? [] : Sorted(pairs, Enumerable.Range(0, pairs.Count), check).Chunk(size);

    // What is of one length stays in the order in which it came.
    private static IEnumerable<int> Sorted(TranslationPairs pairs, IEnumerable<int> order, Action? check)
    {
        var polling = new Polling(check);
        // Few lengths are different: only they are sorted.
        return order.GroupBy(Lengths).OrderBy(alike => alike.Key).SelectMany(alike => alike);

        (int Source, int Target) Lengths(int pair)
        {
            polling.Turn();
            return (pairs.SourceLength(pair), pairs.TargetSteps(pair));
        }
    }
}
