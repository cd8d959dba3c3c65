using System.Diagnostics;

namespace MLNet.Papers.Samples.CoordConv;

/// <summary>Two threads that work in turns, so that two trainings go on side by side in a process whose torch must not train on two threads at once.</summary>
/// <remarks>TorchSharp 0.107 lets the garbage collector free a number while torch reads it, if another thread starts the collection.</remarks>
internal sealed class Turns
{
    private readonly Stopwatch[] _clocks = [new(), new()];
    private readonly bool[] _isDone = new bool[2];
    private int _current;

    /// <summary>How long a worker has worked, without its waiting.</summary>
    public TimeSpan Worked(int worker) => _clocks[worker].Elapsed;

    /// <summary>Does a worker's work; to be called once for worker 0 and once for worker 1, on threads of their own. Worker 0 begins.</summary>
    public T Work<T>(int worker, Func<T> work)
    {
        Wait(worker);
        try
        {
            return work();
        }
        finally
        {
            lock (_clocks)
            {
                _clocks[worker].Stop();
                _isDone[worker] = true;
                Monitor.PulseAll(_clocks);
            }
        }
    }

    /// <summary>Lets the other worker work until it calls this or is done.</summary>
    public void Pass(int worker)
    {
        lock (_clocks)
        {
            _clocks[worker].Stop();
            _current = 1 - worker;
            Monitor.PulseAll(_clocks);
        }

        Wait(worker);
    }

    private void Wait(int worker)
    {
        lock (_clocks)
        {
            while (_current != worker && !_isDone[1 - worker])
                Monitor.Wait(_clocks);
            _current = worker;
            _clocks[worker].Start();
        }
    }
}
