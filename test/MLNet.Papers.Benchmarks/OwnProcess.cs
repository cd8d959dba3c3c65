using System.Diagnostics;
using System.Globalization;

namespace MLNet.Papers.Benchmarks;

/// <summary>
/// Work that a benchmark does in a process of its own: <see cref="OwnProcess.Run{TWork}"/> starts this program anew, which finds the class by its name.
/// </summary>
internal interface IOwnProcess
{
    /// <summary>Does the work; the process ends with it.</summary>
    /// <param name="arguments">What <see cref="OwnProcess.Run{TWork}"/> was given.</param>
    Task RunAsync(string[] arguments);
}

/// <summary>Other processes, of this program and of peers.</summary>
internal static class OwnProcess
{
    private const string Command = "own-process";

    /// <summary>This program.</summary>
    public static string Program { get; } = Path.ChangeExtension(typeof(OwnProcess).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null);

    /// <summary>The work that the arguments of this program name; null if they name none.</summary>
    public static Func<Task>? Find(string[] arguments) => arguments is [Command, string name, .. string[] rest]
        ? () => ((IOwnProcess)Activator.CreateInstance(Type.GetType(name, throwOnError: true)!)!).RunAsync(rest)
        : null;

    /// <summary>The arguments that make this program do some work.</summary>
    public static string[] Arguments<TWork>(params object[] arguments)
        where TWork : IOwnProcess, new() =>
        [Command, typeof(TWork).FullName!, .. arguments.Select(argument => Convert.ToString(argument, CultureInfo.InvariantCulture)!)];

    /// <summary>Does some work in a process of its own.</summary>
    /// <inheritdoc cref="RunProgram" path="/returns"/>
    public static (string Errors, double Megabytes) Run<TWork>(params object[] arguments)
        where TWork : IOwnProcess, new() => RunProgram(Program, [], Arguments<TWork>(arguments));

    /// <summary>Runs a program to its end and throws away what it prints to its standard output.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>What it printed to its standard error, and the most memory it was seen to hold, in MB.</returns>
    public static (string Errors, double Megabytes) RunProgram(string program, byte[] input, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        long peak = 0;
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(50)))
        {
            try
            {
                process.Refresh();
                peak = Math.Max(peak, process.PeakWorkingSet64);
            }
            catch (InvalidOperationException)
            {
                // It has just ended.
            }
        }

        output.Wait();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{program}' ended with {process.ExitCode}: {errors.Result}");
        return (errors.Result, peak / 1e6);
    }
}
