using System.Runtime.ExceptionServices;

namespace MLNet.Papers.Networks;

/// <summary>
/// Work in phases, each of which needs all of the one before it, that some threads do together: whoever is free takes the next part. Phases may be as short as
/// some microseconds: who has to wait does not sleep.
/// </summary>
/// <remarks>
/// The calling thread needs no other to get on: helpers come from the pool, and may come late or never. An object may be used again, but for one work at a
/// time.
/// </remarks>
internal abstract class PhasedWork : IThreadPoolWorkItem
{
    private ExceptionDispatchInfo? _fault;
    private long _next = long.MaxValue;  // the phase in the upper half, the next of its parts in the lower one
    private int _done;

    /// <summary>How many phases there are.</summary>
    protected abstract int Phases { get; }

    /// <summary>How many parts a phase has; at least 1.</summary>
    protected abstract int Parts(int phase);

    /// <summary>Does a part of a phase.</summary>
    protected abstract void Run(int phase, int part);

    /// <summary>Does the work.</summary>
    /// <param name="threads">How many threads may take part, this one counted.</param>
    protected void Run(int threads)
    {
        (_fault, _done) = (null, 0);
        Volatile.Write(ref _next, 0);
        for (int helper = 1; helper < threads; helper++)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        Work();
        _fault?.Throw();
    }

    void IThreadPoolWorkItem.Execute() => Work();

    private void Work()
    {
        while (true)
        {
            long taken = Interlocked.Increment(ref _next) - 1;
            int phase = (int)(taken >> 32), part = (int)taken;
            if (phase < 0 || phase >= Phases)
                return;
            int parts = Parts(phase);
            if (part >= parts)
            {
                var wait = default(SpinWait);
                while (Volatile.Read(ref _next) >> 32 == phase)
                    wait.SpinOnce(sleep1Threshold: -1);
                continue;
            }

            try
            {
                if (_fault is null)
                    Run(phase, part);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(exception), null);
            }

            if (Interlocked.Increment(ref _done) == parts)
            {
                _done = 0;
                Volatile.Write(ref _next, (phase + 1L) << 32);
            }
        }
    }
}
