using System.Diagnostics;

namespace MLNet.Papers.Benchmarks.FastText;

/// <summary>The fastText program by its authors, as a peer: the environment variable FASTTEXT holds its path.</summary>
internal static class ReferenceProgram
{
    public static string? Path { get; } = Environment.GetEnvironmentVariable("FASTTEXT") is { Length: > 0 } path && File.Exists(path) ? path : null;

    /// <summary>What a comparison says that has no peer.</summary>
    public static Measured Skipped { get; } = new("skipped", "set FASTTEXT to the path of the original program: `git clone https://github.com/facebookresearch/fastText && make -C fastText`");

    /// <summary>This program, to be run as a process of its own.</summary>
    public static string Self { get; } = System.IO.Path.ChangeExtension(typeof(ReferenceProgram).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null);

    /// <summary>Runs a program to its end and throws away what it prints to its standard output.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>What it printed to its standard error, and the most memory it was seen to hold, in MB.</returns>
    public static (string Errors, double Megabytes) Run(string program, byte[] input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
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
