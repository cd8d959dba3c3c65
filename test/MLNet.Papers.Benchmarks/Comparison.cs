using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Benchmarks;

/// <summary>A goal of the project, measured: ours against a peer, in turns, or a figure alone.</summary>
internal abstract class Comparison
{
    // What this process does of a comparison; null if it compares.
    private static Side? _side;

    /// <summary>What is measured, in a few words.</summary>
    public abstract string Name { get; }

    /// <summary>What must be reached, in words.</summary>
    public abstract string Goal { get; }

    /// <summary>Measures and says what came out.</summary>
    public abstract Task<Measured> MeasureAsync();

    /// <summary>Runs all comparisons of this assembly whose name contains <paramref name="filter"/> and prints one Markdown table.</summary>
    public static async Task RunAllAsync(string filter)
    {
        var lines = new List<string> { "| what | goal | measured | detail |", "| --- | --- | --- | --- |" };
        foreach (Comparison comparison in All().Where(comparison => comparison.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))
            .OrderBy(comparison => comparison.Name, StringComparer.Ordinal))
        {
            await Console.Error.WriteLineAsync($"measuring: {comparison.Name}");
            Measured measured = await comparison.MeasureAsync();
            lines.Add($"| {comparison.Name} | {comparison.Goal} | **{measured.Figure}** | {measured.Detail} |");
        }

        foreach (string line in lines)
            Console.WriteLine(line);
    }

    /// <summary>Is one side of a comparison, in the process that <see cref="SideProcess"/> has started for it.</summary>
    public static Task ServeAsync(string name, Side side)
    {
        _side = side;
        return All().Single(comparison => comparison.Name == name).MeasureAsync();
    }

    /// <summary>
    /// Times two jobs in turns in this process, after one warm-up of each, and gives the median of the ratios (time of the peer / our time) and both medians.
    /// </summary>
    /// <param name="ours">Our job.</param>
    /// <param name="peer">The peer's job, on the same data.</param>
    /// <param name="turns">How often both are timed.</param>
    protected static (double Ratio, TimeSpan Ours, TimeSpan Peer) SideBySide(Action ours, Action peer, int turns) =>
        InTurns(() => Time(ours), () => Time(peer), turns);

    /// <summary>The same, each job in a process of its own, which has prepared its data itself.</summary>
    protected (double Ratio, TimeSpan Ours, TimeSpan Peer) InOwnProcesses(Action ours, Action peer, int turns) =>
        InOwnProcesses(() => Time(ours), () => Time(peer), turns);

    /// <summary>The same with jobs that say how many seconds they took.</summary>
    protected (double Ratio, TimeSpan Ours, TimeSpan Peer) InOwnProcesses(Func<double> ours, Func<double> peer, int turns)
    {
        if (_side is { } side)
        {
            SideProcess.Serve(side == Side.Ours ? ours : peer);
            return default;
        }

        using SideProcess ourProcess = new(Name, Side.Ours), peerProcess = new(Name, Side.Peer);
        return InTurns(ourProcess.Time, peerProcess.Time, turns);
    }

    /// <summary>Reads a column of vectors from its first row to its last, as a user of the view does.</summary>
    protected static void Read(IDataView view, string name)
    {
        DataViewSchema.Column column = view.Schema[name];
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> values = default;
        while (cursor.MoveNext())
            getter(ref values);
    }

    protected static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    protected static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<Comparison> All() => typeof(Comparison).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(Comparison)) && !type.IsAbstract)
        .Select(type => (Comparison)Activator.CreateInstance(type, BindingFlags.Public | BindingFlags.Instance, null, [], CultureInfo.InvariantCulture)!);

    private static (double Ratio, TimeSpan Ours, TimeSpan Peer) InTurns(Func<double> ours, Func<double> peer, int turns)
    {
        ours();
        peer();
        var timed = new List<(double Ours, double Peer)>();
        for (int turn = 0; turn < turns; turn++)
        {
            // The order changes with each turn, so that neither always runs on the warmer machine.
            if (turn % 2 == 0)
            {
                double first = ours();
                timed.Add((first, peer()));
            }
            else
            {
                double first = peer();
                timed.Add((ours(), first));
            }
        }

        return (Median(timed.Select(pair => pair.Peer / pair.Ours)),
            TimeSpan.FromSeconds(Median(timed.Select(pair => pair.Ours))), TimeSpan.FromSeconds(Median(timed.Select(pair => pair.Peer))));
    }

    private static double Time(Action job)
    {
        long start = Stopwatch.GetTimestamp();
        job();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}

/// <summary>What a comparison found.</summary>
/// <param name="Figure">The figure that the goal speaks of.</param>
/// <param name="Detail">What it was made from.</param>
internal sealed record Measured(string Figure, string Detail);
