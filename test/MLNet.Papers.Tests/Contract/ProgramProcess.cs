using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Starts a program of the solution in a process of its own. It lies beside the tests.</summary>
internal static class ProgramProcess
{
    /// <param name="program">The name of its assembly.</param>
    /// <param name="application">Whose dependencies it gets: its own, or those of the tests.</param>
    /// <param name="arguments">What it is called with.</param>
    public static Process Start(string program, string application, params string[] arguments)
    {
        string folder = AppContext.BaseDirectory;
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        var start = new ProcessStartInfo(dotnet) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] all =
        [
            "exec", "--depsfile", Path.Combine(folder, $"{application}.deps.json"), "--runtimeconfig", Path.Combine(folder, $"{application}.runtimeconfig.json"),
            Path.Combine(folder, $"{program}.dll"), .. arguments,
        ];
        foreach (string argument in all)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
