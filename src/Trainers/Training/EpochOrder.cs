namespace MLNet.Papers.Training;

/// <summary>An order of items that is drawn anew for every epoch, and depends on seed and epoch alone: a resumed training goes on in the same order.</summary>
/// <param name="seed">Seed of the order.</param>
/// <param name="stepsPerEpoch">Steps of an epoch.</param>
/// <param name="arrange">Makes the order of an epoch.</param>
internal sealed class EpochOrder<T>(int seed, long stepsPerEpoch, Func<Random, T> arrange)
    where T : class
{
    private long _epoch = -1;
    private T? _order;

    /// <summary>The order of the epoch that a step belongs to, and the step's number in that epoch; all numbers from 0.</summary>
    public (T Order, long Step) At(long step)
    {
        (long epoch, long number) = Math.DivRem(step, stepsPerEpoch);
        if (_epoch != epoch || _order is null)
            (_epoch, _order) = (epoch, arrange(StepRandom.Create(seed, -2 - epoch)));
        return (_order, number);
    }
}

/// <summary>Orders of items.</summary>
internal static class EpochOrder
{
    /// <summary>The numbers from 0 in random order.</summary>
    /// <param name="count">How many.</param>
    /// <param name="random">What to draw from.</param>
    public static int[] Shuffled(int count, Random random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order);
        return order;
    }
}
