using System.IO.Compression;
using Microsoft.ML;

namespace MLNet.Papers.Tests.Contract;

/// <summary>Models as the bytes of their .zip.</summary>
internal static class ModelFile
{
    public static byte[] Save(MLContext ml, ITransformer model, DataViewSchema schema)
    {
        using var stream = new MemoryStream();
        ml.Model.Save(model, schema, stream);
        return stream.ToArray();
    }

    public static ITransformer Load(byte[] file)
    {
        using var stream = new MemoryStream(file, writable: false);
        return new MLContext(seed: 1).Model.Load(stream, out _);
    }

    /// <summary>What the .zip holds, by the names of its entries.</summary>
    public static SortedDictionary<string, byte[]> Entries(byte[] file)
    {
        using var archive = new ZipArchive(new MemoryStream(file, writable: false));
        var entries = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using Stream stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            entries[entry.FullName] = content.ToArray();
        }

        return entries;
    }

    /// <summary>A well-formed .zip of these entries.</summary>
    public static byte[] Pack(IEnumerable<KeyValuePair<string, byte[]>> entries)
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream stream = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                stream.Write(content);
            }
        }

        return file.ToArray();
    }

    /// <summary>The name of the entry that holds the weights.</summary>
    public static string WeightsEntry(IReadOnlyDictionary<string, byte[]> entries)
    {
        string[] names = [.. entries.Keys.Where(name => name.Split('/', '\\')[^1] == "Weights")];
        Assert.HasCount(1, names, $"A saved model must have one entry 'Weights', but has {string.Join(", ", entries.Keys)}.");
        return names[0];
    }
}
