namespace MLNet.Papers.Training;

/// <summary>An order of items that is drawn anew for every epoch, and depends on seed and epoch alone: a resumed training goes on in the same order.</summary>
/// <param name="seed">Seed of the order.</param>
/// <param name="arrange">Makes the order of an epoch.</param>
internal sealed class EpochOrder<T>(int seed, Func<Random, T> arrange)
    where T : class
{
    private long _epoch = -1;
    private T? _order;

    /// <summary>The order of an epoch, from 0.</summary>
    public T Of(long epoch)
    {
        if (_epoch != epoch || _order is null)
            (_epoch, _order) = (epoch, arrange(StepRandom.Create(seed, -2 - epoch)));
        return _order;
    }
}
