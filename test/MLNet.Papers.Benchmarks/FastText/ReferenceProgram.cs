using System.Diagnostics;

namespace MLNet.Papers.Benchmarks.FastText;

/// <summary>The fastText program by its authors, as a peer: the environment variable FASTTEXT holds its path.</summary>
internal static class ReferenceProgram
{
    public static string? Path { get; } = Environment.GetEnvironmentVariable("FASTTEXT") is { Length: > 0 } path && File.Exists(path) ? path : null;

    /// <summary>What a comparison says that has no peer.</summary>
    public static Measured Skipped { get; } = new("skipped", "set FASTTEXT to the path of the original program: `git clone https://github.com/facebookresearch/fastText && make -C fastText`");

    /// <summary>Runs a program to its end and throws away what it prints.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <param name="arguments">Its arguments.</param>
    public static void Run(string program, byte[] input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        output.Wait();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{program}' ended with {process.ExitCode}: {errors.Result}");
    }
}
