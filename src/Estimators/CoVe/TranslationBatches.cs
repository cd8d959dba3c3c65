using MLNet.Papers.Interop;
using MLNet.Papers.Training;

namespace MLNet.Papers.CoVe;

/// <summary>Batches of pairs of about one length, so that little is padded; in an order that is drawn anew for every epoch, and depends on it alone.</summary>
/// <param name="pairs">The pairs.</param>
/// <param name="size">B.</param>
/// <param name="seed">Seed of the order.</param>
/// <param name="check">Called now and then; throws to stop.</param>
internal sealed class TranslationBatches(TranslationPairs pairs, int size, int seed, Action? check = null)
{
    private long _epoch = -1;
    private int[][] _batches = [];

    /// <summary>Steps of an epoch.</summary>
    public int Count { get; } = (pairs.Count + size - 1) / size;

    /// <summary>The pairs of a training step.</summary>
    public int[] At(long step)
    {
        (long epoch, long batch) = Math.DivRem(step, Count);
        if (epoch != _epoch)
        {
            Random random = StepRandom.Create(seed, -2 - epoch);
            int[] order = [.. Enumerable.Range(0, pairs.Count)];
            random.Shuffle(order);
            _batches = [.. Sorted(order).Chunk(size)];
            random.Shuffle(_batches);
            _epoch = epoch;
        }

        return _batches[batch];
    }

    /// <summary>All pairs in batches, in the same order each time.</summary>
    public static IEnumerable<int[]> InOrder(TranslationPairs pairs, int size, Action? check = null) => pairs.Count == 0 ? [] : new TranslationBatches(pairs, size, 0, check).Sorted(Enumerable.Range(0, pairs.Count)).Chunk(size);

    // What is of one length stays in the order in which it came.
    private IEnumerable<int> Sorted(IEnumerable<int> order)
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
