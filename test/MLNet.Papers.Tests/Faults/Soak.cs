using System.Diagnostics;
using System.Globalization;

namespace MLNet.Papers.Tests.Faults;

/// <summary>How long tests of endurance go on: shortly, or with the variable MLNET_PAPERS_SOAK set to any text as long as is promised.</summary>
internal static class Soak
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("MLNET_PAPERS_SOAK") is not null;

    /// <summary>One of two numbers.</summary>
    public static int Or(int usual, int promised) => IsLong ? promised : usual;

    /// <summary>What the process holds, in bytes, after everything that nobody refers to is freed.</summary>
    public static long WorkingSet()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    /// <summary>A number of megabytes for messages.</summary>
    public static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB");
}
