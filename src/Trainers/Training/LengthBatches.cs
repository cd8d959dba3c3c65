namespace MLNet.Papers.Training;

/// <summary>
/// Batches of items of about one length, so that little is padded, in an order that is drawn anew for every epoch, and depends on seed and epoch alone.
/// </summary>
internal sealed class LengthBatches
{
    // Batches whose items are sorted together: enough that little is padded, and few enough that a batch seldom meets again.
    private const int Pool = 32;

    // What is of about one length stands in another order in each epoch.
    private const double Blur = 0.2;

    private readonly EpochOrder<int[][]> _epochs;

    /// <param name="lengths">The length of each item.</param>
    /// <param name="size">The most items of a batch; an epoch spreads them evenly.</param>
    /// <param name="seed">Seed of the order.</param>
    public LengthBatches(IReadOnlyList<int> lengths, int size, int seed)
    {
        Count = (lengths.Count + size - 1) / size;
        _epochs = new(seed, Count, random => Draw(lengths, Count, random));
    }

    /// <summary>Steps of an epoch.</summary>
    public int Count { get; }

    /// <summary>The items of a step of a training.</summary>
    public int[] At(long step)
    {
        (int[][] batches, long batch) = _epochs.At(step);
        return batches[batch];
    }

    /// <summary>All items in batches, in the same order each time.</summary>
    public static IEnumerable<int[]> InOrder(IReadOnlyList<int> lengths, int size) =>
        Enumerable.Range(0, lengths.Count).OrderBy(item => lengths[item]).Chunk(size);

    /// <summary>Batches of an epoch.</summary>
    /// <param name="lengths">The length of each item; at least one item.</param>
    /// <param name="count">How many batches; they have about as many items each, and at least one.</param>
    /// <param name="random">What to draw from.</param>
    public static int[][] Draw(IReadOnlyList<int> lengths, int count, Random random)
    {
        int[] order = EpochOrder.Shuffled(lengths.Count, random);
        int pool = Pool * ((lengths.Count + count - 1) / count);
        int[] sorted = [.. order.Chunk(pool).SelectMany(
            items => items.Select(item => (Item: item, Key: lengths[item] * (1 + (Blur * random.NextDouble())))).ToArray()
                .OrderBy(item => item.Key).Select(item => item.Item))];
        int[][] batches = [.. Enumerable.Range(0, count).Select(batch => sorted[Edge(batch)..Math.Max(Edge(batch) + 1, Edge(batch + 1))])];
        random.Shuffle(batches);
        return batches;

        int Edge(int batch) => (int)((long)sorted.Length * batch / count);
    }
}
