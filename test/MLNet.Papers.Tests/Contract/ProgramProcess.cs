using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Other processes: programs of the solution, and the dotnet command that runs the tests.</summary>
internal static class ProgramProcess
{
    /// <summary>Starts a program of the solution that lies beside the tests.</summary>
    /// <param name="program">The name of its assembly.</param>
    /// <param name="application">Whose dependencies it gets: its own, or those of the tests.</param>
    /// <param name="arguments">What it is called with.</param>
    public static Process Start(string program, string application, params string[] arguments) =>
        Start(program, application, new Dictionary<string, string>(), arguments);

    /// <summary>The same with variables of its environment.</summary>
    public static Process Start(string program, string application, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        string folder = AppContext.BaseDirectory;
        return Dotnet(Environment.CurrentDirectory, environment,
        [
            "exec", "--depsfile", Path.Combine(folder, $"{application}.deps.json"), "--runtimeconfig",
            Path.Combine(folder, $"{application}.runtimeconfig.json"),
            Path.Combine(folder, $"{program}.dll"), .. arguments,
        ]);
    }

    /// <summary>Starts the dotnet command in a folder.</summary>
    public static Process Dotnet(string folder, params string[] arguments) => Dotnet(folder, new Dictionary<string, string>(), arguments);

    private static Process Dotnet(string folder, IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        string dotnet = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        var start = new ProcessStartInfo(dotnet, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>What a process writes until it ends, which it must do without an error.</summary>
    public static string OutputOf(Process process)
    {
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(
            0, process.ExitCode,
            $"{string.Join(' ', process.StartInfo.ArgumentList)} failed:{Environment.NewLine}{output}{Environment.NewLine}{errors.GetAwaiter().GetResult()}");
        return output;
    }
}
