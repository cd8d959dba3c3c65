using System.Diagnostics;
using System.Globalization;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Benchmarks;

/// <summary>
/// One side of a comparison in a process of its own. Our training lets glibc keep the memory of freed tensors; in the same process a bare loop would profit
/// from that, and no user's does.
/// </summary>
internal sealed class SideProcess : IDisposable
{
    private const string Took = "took ";

    private readonly Process _process;

    /// <summary>Starts the process; it does nothing before the first <see cref="Time"/>.</summary>
    /// <param name="comparison">The name of the comparison.</param>
    /// <param name="side">The side.</param>
    public SideProcess(string comparison, Side side) => _process = Process.Start(
        new ProcessStartInfo(OwnProcess.Program, OwnProcess.Arguments<ServedComparison>(comparison, side))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

    /// <summary>Lets the process do its job once, and gives the seconds that it took there.</summary>
    /// <exception cref="InvalidOperationException">The process has ended.</exception>
    public double Time()
    {
        _process.StandardInput.WriteLine();
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(Took, StringComparison.Ordinal))
                return double.Parse(line.AsSpan(Took.Length), CultureInfo.InvariantCulture);
        }

        throw new InvalidOperationException("A side of the comparison has ended before its time.");
    }

    /// <summary>Does a job whenever the process that compares asks for it, until that has no more questions.</summary>
    /// <param name="timed">Does the job and gives the seconds that it took.</param>
    public static void Serve(Func<double> timed)
    {
        while (Console.ReadLine() is not null)
            Console.WriteLine(Took + timed().ToString("R", CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}

/// <summary>The process of a side.</summary>
internal sealed class ServedComparison : IOwnProcess
{
    public Task RunAsync(string[] arguments)
    {
        Libtorch.Require();  // bare loops must run as ours do
        return Comparison.ServeAsync(arguments[0], Enum.Parse<Side>(arguments[1]));
    }
}

/// <summary>Whose job it is.</summary>
internal enum Side
{
    Ours,
    Peer,
}
