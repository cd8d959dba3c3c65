using System.Buffers.Binary;
using System.Text.Json;

namespace MLNet.Papers.Published;

/// <summary>Files of named arrays in the format safetensors: the length of a header, the header in JSON, and the numbers.</summary>
internal static class SafetensorsFile
{
    private const long LongestHeader = 64 << 20;

    /// <summary>The arrays of a file by their names.</summary>
    /// <param name="file">The file, which the arrays are read from later.</param>
    /// <exception cref="FormatException">The file is damaged; the message names the array.</exception>
    public static Dictionary<string, PublishedArray> Arrays(FileStream file)
    {
        byte[] head = new byte[sizeof(long)];
        file.Position = 0;
        if (file.Length < head.Length)
            throw Fault(file, $"has {file.Length} bytes, but begins with {head.Length} that say how long its header is");
        file.ReadExactly(head);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (length > (ulong)Math.Min(LongestHeader, file.Length - head.Length))
            throw Fault(file, $"says that its header has {length} bytes, of {file.Length - head.Length} that follow; at most {LongestHeader} are possible");
        byte[] header = new byte[length];
        file.ReadExactly(header);
        long first = file.Position;
        try
        {
            using JsonDocument json = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
            return Arrays(file, first, new JsonField(file.Name, "", json.RootElement));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new FormatException($"'{file.Name}': the header is not JSON: {exception.Message}", exception);
        }
    }

    private static Dictionary<string, PublishedArray> Arrays(FileStream file, long first, JsonField header)
    {
        var arrays = new Dictionary<string, PublishedArray>(StringComparer.Ordinal);
        var places = new List<(long Begin, long End, string Name)>();
        foreach ((string name, JsonField entry) in header.Members())
        {
            if (name == "__metadata__")
                continue;
            string kindName = entry["dtype"].Text();
            NumberKind kind = kindName switch
            {
                "F32" => NumberKind.Single,
                "F64" => NumberKind.Double,
                "F16" => NumberKind.Half,
                "BF16" => NumberKind.Brain,
                _ => NumberKind.Other,
            };
            long[] shape = [.. entry["shape"].Items().Select(item => item.Long())], offsets = [.. entry["data_offsets"].Items().Select(item => item.Long())];
            if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > file.Length - first)
            {
                throw Fault(file, $"says that '{name}' stands at [{string.Join(", ", offsets)}] of {file.Length - first} bytes");
            }

            if (PublishedArray.Product(shape) is not { } count || (kind != NumberKind.Other && count * PublishedArray.SizeOf(kind) != offsets[1] - offsets[0]))
            {
                throw Fault(file,
                    $"says that '{name}' has the shape [{string.Join(", ", shape)}] of {kindName}, but {offsets[1] - offsets[0]} bytes");
            }

            long start = first + offsets[0];
            if (!arrays.TryAdd(name, new(file.Name, name, kind, kindName, shape, () => FilePart.Open(file, start))))
                throw Fault(file, $"has '{name}' twice");
            if (offsets[1] > offsets[0])
                places.Add((offsets[0], offsets[1], name));
        }

        places.Sort((one, other) => one.Begin.CompareTo(other.Begin));
        for (int i = 1; i < places.Count; i++)
        {
            if (places[i].Begin < places[i - 1].End)
                throw Fault(file, $"has the numbers of '{places[i].Name}' in those of '{places[i - 1].Name}'");
        }

        return arrays;
    }

    private static FormatException Fault(FileStream file, string what) => new($"'{file.Name}' {what}; the file is damaged, or no safetensors file.");
}
