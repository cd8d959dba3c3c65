using System.Buffers;
using System.Text;

namespace MLNet.Papers.Persistence;

/// <summary>What a file that cannot be read seems to be, for messages.</summary>
internal static class FileKind
{
    /// <summary>How many bytes of a file are enough to guess by.</summary>
    public const int Start = 512;

    private static readonly SearchValues<byte> Header = SearchValues.Create("0123456789 \r"u8);

    private static readonly (byte[] Start, string Kind)[] Kinds =
    [
        ([0x1F, 0x8B], "compressed with gzip: unpack it first"),
        ([.. "BZh"u8], "compressed with bzip2: unpack it first"),
        ([0xFD, .. "7zXZ"u8, 0], "compressed with xz: unpack it first"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed with Zstandard: unpack it first"),
        ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive: unpack it first"),
        ([.. "Rar!"u8], "a RAR archive: unpack it first"),
        ([.. "PK"u8, 3, 4], "a zip archive: unpack it first, or, if it is a model that ML.NET has saved, load it with mlContext.Model.Load"),
        ([.. "PK"u8, 5, 6], "an empty zip archive"),
        ([0x89, .. "HDF\r\n"u8], "an HDF5 file"),
        ([0x93, .. "NUMPY"u8], "an array of NumPy"),
        ([0x80, 2], "a pickle of Python"),
        ([0x80, 3], "a pickle of Python"),
        ([0x80, 4], "a pickle of Python"),
        ([0x80, 5], "a pickle of Python"),
        ([0xBA, 0x16, 0x4F, 0x2F], "a model of the fastText program"),
        ([0xFF, 0xFE], "text in UTF-16: save it as UTF-8"),
        ([0xFE, 0xFF], "text in UTF-16: save it as UTF-8"),
        ([.. "version https://git-lfs"u8], "a pointer of Git LFS in place of the file: fetch the file itself"),
    ];

    /// <summary>What the file is, with what to do about it where there is something; null if its bytes are of no kind that is known.</summary>
    /// <param name="start">Its first bytes, <see cref="Start"/> of them or all.</param>
    public static string? Of(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
            return "empty";
        foreach ((byte[] beginning, string kind) in Kinds)
        {
            if (start.StartsWith(beginning))
                return kind;
        }

        bool isTape = start.Length >= 262 && start[257..262].SequenceEqual("ustar"u8);
        return isTape ? "a tar archive: unpack it first" : OfText(start);
    }

    private static string? OfText(ReadOnlySpan<byte> start)
    {
        // Binary numbers have bytes that no text has; word2vec writes them behind a first line of text.
        bool isText = start.IndexOfAnyInRange((byte)0, (byte)8) < 0;
        int head = start.IndexOf((byte)'\n');
        if (!isText)
            return head > 0 && !start[..head].ContainsAnyExcept(Header) ? "word2vec's binary format: have it written as text" : null;
        string text = Encoding.UTF8.GetString(start).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (text.StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase))
            return "a web page, such as a download that failed gives";
        return text.StartsWith('{') ? "JSON" : null;
    }
}
