using MLNet.Papers.Persistence;

namespace MLNet.Papers.Published;

/// <summary>What a file seems to be that is not what it should be.</summary>
internal static class FileGuess
{
    /// <summary>A sentence to stand behind others, or nothing.</summary>
    public static string Of(string path, string expected)
    {
        byte[] start = new byte[FileKind.Start];
        using FileStream file = File.OpenRead(path);
        string? kind = FileKind.Of(start.AsSpan(0, file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)));
        return kind is null || kind == expected ? "" : $" The file seems to be {kind}.";
    }
}
