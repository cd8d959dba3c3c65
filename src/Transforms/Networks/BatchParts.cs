namespace MLNet.Papers.Networks;

/// <summary>The parts of a batch: one after the other, or on several threads.</summary>
internal static class BatchParts
{
    /// <summary>Computes all of them. Nothing is allocated where they follow each other, as with the single row of a prediction engine.</summary>
    /// <param name="count">How many parts there are.</param>
    /// <param name="isLarge">Whether there is enough work for threads to be worth while; with one processor there never is.</param>
    /// <param name="state">What a part needs.</param>
    /// <param name="part">Computes one part.</param>
    public static void Run<TState>(int count, bool isLarge, TState state, Action<TState, int> part)
    {
        if (isLarge && Environment.ProcessorCount > 1)
        {
            RunInParallel(count, state, part);
            return;
        }

        for (int i = 0; i < count; i++)
            part(state, i);
    }

    private static void RunInParallel<TState>(int count, TState state, Action<TState, int> part) => Parallel.For(0, count, i => part(state, i));
}
