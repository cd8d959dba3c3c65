namespace MLNet.Papers.Benchmarks.FastText;

/// <summary>The fastText program by its authors, as a peer: the environment variable FASTTEXT holds its path.</summary>
internal static class ReferenceProgram
{
    public static string? Path { get; } = Environment.GetEnvironmentVariable("FASTTEXT") is { Length: > 0 } path && File.Exists(path) ? path : null;

    /// <summary>What a comparison says that has no peer.</summary>
    public static Measured Skipped { get; } = new(
        "skipped", "set FASTTEXT to the path of the original program: `git clone https://github.com/facebookresearch/fastText && make -C fastText`");
}
