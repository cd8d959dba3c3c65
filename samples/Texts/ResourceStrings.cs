using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Resources;
using System.Text;

namespace MLNet.Papers.Samples.Texts;

/// <summary>A text and the language it is in.</summary>
/// <param name="Language">The language's code, such as <c>de</c>.</param>
/// <param name="Text">The text.</param>
/// <param name="English">The English text that it translates, or itself.</param>
internal sealed record TranslatedText(string Language, string Text, string English);

/// <summary>The messages of programs with their translations. Nothing of the programs is executed: their files are only read.</summary>
internal static class ResourceStrings
{
    /// <summary>The language of the neutral resources.</summary>
    public const string English = "en";

    private const string Satellite = ".resources.dll";
    private const string Suffix = ".resources";
    private const string StringType = "ResourceTypeCode.String";

    /// <summary>All translated messages below a folder, and the English ones they translate: no text twice in a language, the same order each time.</summary>
    /// <param name="folder">The folder; <c>de/Name.resources.dll</c> at any depth translates <c>Name.dll</c> above it.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="OperationCanceledException">The user stopped the run.</exception>
    public static IReadOnlyList<TranslatedText> Read(string folder, CancellationToken cancellation)
    {
        var texts = new Dictionary<(string Language, string Text), string>();
        IEnumerable<string> satellites = Directory.EnumerateFiles(folder, "*" + Satellite, SearchOption.AllDirectories);
        foreach (IGrouping<string, string> assembly in satellites.GroupBy(NeutralOf).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!File.Exists(assembly.Key))
                continue;
            Dictionary<(string Set, string Key), string> neutral = Strings(assembly.Key, Suffix);
            foreach (string satellite in assembly.Order(StringComparer.Ordinal))
            {
                string language = Path.GetFileName(Path.GetDirectoryName(satellite))!;
                foreach (((string, string) key, string text) in Strings(satellite, $".{language}{Suffix}"))
                {
                    if (!neutral.TryGetValue(key, out string? english) || english == text)
                        continue;
                    texts.TryAdd((language, text), english);
                    texts.TryAdd((English, english), english);
                }
            }
        }

        return [.. texts.Select(text => new TranslatedText(text.Key.Language, text.Key.Text, text.Value))];
    }

    private static string NeutralOf(string satellite) =>
        Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(satellite))!, Path.GetFileName(satellite)[..^Satellite.Length] + ".dll");

    /// <summary>The strings in the resources of an assembly, by the name of their set and their own.</summary>
    private static Dictionary<(string Set, string Key), string> Strings(string path, string suffix)
    {
        var strings = new Dictionary<(string, string), string>();
        using var file = new PEReader(File.OpenRead(path));
        if (!file.HasMetadata || file.PEHeaders.CorHeader is not { ResourcesDirectory: { Size: > 0 } directory })
            return strings;
        MetadataReader metadata = file.GetMetadataReader();
        PEMemoryBlock resources = file.GetSectionData(directory.RelativeVirtualAddress);
        foreach (ManifestResource resource in metadata.ManifestResources.Select(metadata.GetManifestResource).Where(resource => resource.Implementation.IsNil))
        {
            string name = metadata.GetString(resource.Name);
            if (!name.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            BlobReader content = resources.GetReader((int)resource.Offset, resources.Length - (int)resource.Offset);
            using var set = new ResourceReader(new MemoryStream(content.ReadBytes(content.ReadInt32())));
            foreach (string key in Keys(set))
            {
                set.GetResourceData(key, out string type, out byte[] value);
                if (type == StringType && Decode(value) is { Length: > 0 } text)
                    strings[(name[..^suffix.Length], key)] = text;
            }
        }

        return strings;
    }

    private static List<string> Keys(ResourceReader set)
    {
        var keys = new List<string>();
        for (System.Collections.IDictionaryEnumerator entries = set.GetEnumerator(); entries.MoveNext();)
            keys.Add((string)entries.Key);
        return keys;
    }

    private static string Decode(byte[] value)
    {
        using var reader = new BinaryReader(new MemoryStream(value), Encoding.UTF8);
        return reader.ReadString().Trim();
    }
}
