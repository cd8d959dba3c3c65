using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using MLNet.Papers.Persistence;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>Makes hostile files of an honest one: damaged ones, and ones whose checksums are right but whose content is not.</summary>
internal sealed partial class ModelMutation
{
    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "2", "3", "255", "65536", "2147483647", "-2147483648", "2147483648", "1e308", "1e-300", "0.5", "\"x\"", "null", "[]", "{}", "true",
    ];
    private static readonly string[] Texts = ["", " ", "x", "Features", "Label", "../../x", "\\u0000", "null", "System.String, System.Private.CoreLib"];

    private readonly byte[] _file;
    private readonly SortedDictionary<string, byte[]> _entries;
    private readonly string _weights;
    private readonly List<SavedBlock> _blocks;
    private readonly byte[] _rest;

    public ModelMutation(byte[] file)
    {
        _file = file;
        _entries = ModelFile.Entries(file);
        _weights = ModelFile.WeightsEntry(_entries);
        byte[] weights = _entries[_weights];
        _blocks = SavedBlock.ReadAll(weights, out int end);
        _rest = weights[end..];
    }

    /// <summary>A hostile file, what is wrong with it, and the bytes that its entries say they have.</summary>
    public HostileFile Next(Random random)
    {
        var changed = new SortedDictionary<string, byte[]>(_entries, StringComparer.Ordinal);
        switch (random.Next(10))
        {
            case 0:
                return Of("bytes of the .zip", Damaged(_file, random));
            case 1:
                return Of("a .zip with a part missing or twice", Spliced(_file, random));
            case 2:
                string entry = _entries.Keys.ElementAt(random.Next(_entries.Count));
                changed[entry] = random.Next(2) == 0 ? Damaged(_entries[entry], random) : Spliced(_entries[entry], random);
                return Of($"entry '{entry}'", ModelFile.Pack(changed));
            case 3:
                return Of("names of entries", ModelFile.Pack(Renamed(random)));
            default:
                List<SavedBlock> blocks = [.. _blocks];
                byte[] rest = _rest;
                string what = "";
                for (int times = random.Next(1, 3); times > 0; times--)
                    what += (what.Length > 0 ? ", " : "") + Forge(blocks, ref rest, random);
                changed[_weights] = [.. SavedBlock.Write(blocks), .. rest];
                return Of(what, ModelFile.Pack(changed));
        }
    }

    /// <summary>A file of a few kilobytes whose weights claim to be many megabytes of zeros, and are.</summary>
    public HostileFile Bomb(int megabytes)
    {
        var weights = new byte[megabytes << 20];
        byte[] begin = new ForgedModel().Open();
        begin.CopyTo(weights, 0);
        var entries = new SortedDictionary<string, byte[]>(_entries, StringComparer.Ordinal) { [_weights] = weights };
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream stream = archive.CreateEntry(name, CompressionLevel.Optimal).Open();
                stream.Write(content);
            }
        }

        return new($"weights of {megabytes} MB of zeros", file.ToArray(), weights.Length);
    }

    private HostileFile Of(string what, byte[] file) => new(what, file, Math.Max(file.Length, _entries.Values.Sum(content => content.Length)));

    private IEnumerable<KeyValuePair<string, byte[]>> Renamed(Random random)
    {
        string victim = _entries.Keys.ElementAt(random.Next(_entries.Count));
        string[] names =
        [
            "../" + victim, "/" + victim, "\\..\\" + victim, victim + "/" + victim, victim.ToUpperInvariant(), victim.Replace('/', '\\'),
            new string('x', 60_000),
            string.Concat(Enumerable.Repeat("a/", 5_000)) + victim, victim + "\0", "C:" + victim,
        ];
        int kind = random.Next(names.Length + 2);
        foreach ((string name, byte[] content) in _entries)
        {
            if (name != victim)
            {
                yield return new(name, content);
            }
            else if (kind == names.Length)
            {
                yield return new(name, content);
                yield return new(name, Damaged(content, random));
            }
            else if (kind < names.Length)
            {
                yield return new(names[kind], content);
            }
        }
    }

    private static byte[] Damaged(byte[] content, Random random)
    {
        byte[] damaged = [.. content];
        for (int times = random.Next(1, 9); times > 0 && damaged.Length > 0; times--)
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
        return damaged;
    }

    private static byte[] Spliced(byte[] content, Random random)
    {
        int from = random.Next(content.Length + 1), to = random.Next(from, content.Length + 1);
        return random.Next(3) switch
        {
            0 => content[..from],
            1 => [.. content[..from], .. content[to..]],
            _ => [.. content[..to], .. content[from..]],
        };
    }

    private static string Forge(List<SavedBlock> blocks, ref byte[] rest, Random random)
    {
        if (rest.Length > 16 && random.Next(4) == 0)
        {
            rest = OneChunk(random.Next(2) == 0 ? Damaged(rest[8..^8], random) : Spliced(rest[8..^8], random));
            return "what follows the blocks";
        }

        if (blocks.Count == 0)
            return "no block";
        int place = random.Next(blocks.Count);
        SavedBlock block = blocks[place];
        string name = $"block '{block.Name}'";
        switch (random.Next(8))
        {
            case 0:
                blocks.RemoveAt(place);
                return $"{name} missing";
            case 1:
                blocks[place] = block with { Name = block.Name + "x" };
                return $"{name} renamed";
            case 2:
                blocks[place] = blocks[random.Next(blocks.Count)] with { Name = block.Name };
                return $"{name} with another's content";
            case 3 when block.Shape.Length > 0:
                long[] shape = [.. block.Shape];
                int dimension = random.Next(shape.Length);
                shape[dimension] = Math.Max(0, random.Next(3) switch { 0 => shape[dimension] - 1, 1 => shape[dimension] + 1, _ => random.Next(1, 100) });
                blocks[place] = block.Resized(shape);
                return $"{name} of shape [{string.Join(", ", shape)}]";
            case 4 when block.Shape.Length > 1:
                blocks[place] = block with { Shape = [.. block.Shape.Reverse()] };
                return $"{name} with its dimensions turned round";
            default:
                blocks[place] = block with { Data = block.Type == BlockType.Json ? ForgedJson(block.Data, random) : ForgedNumbers(block, random) };
                if (block.Type == BlockType.Json)
                    blocks[place] = blocks[place] with { Shape = [blocks[place].Data.Length] };
                return block.Type == BlockType.Json ? $"{name} = {Encoding.UTF8.GetString(blocks[place].Data)}" : $"{name} with other numbers";
        }
    }

    private static byte[] ForgedNumbers(SavedBlock block, Random random)
    {
        byte[] data = [.. block.Data];
        for (int times = random.Next(1, 4); times > 0 && data.Length > 0; times--)
        {
            switch (block.Type)
            {
                case BlockType.Single:
                    Put<float>(data, random, float.NaN, float.PositiveInfinity, float.MaxValue, -1e30f, 0, 1e-45f);
                    break;
                case BlockType.Double:
                    Put<double>(data, random, double.NaN, double.NegativeInfinity, double.MaxValue, -1e30, 0);
                    break;
                case BlockType.Int32:
                    Put<int>(data, random, -1, 0, 1, int.MaxValue, int.MinValue, 1 << 30, random.Next(1000));
                    break;
                case BlockType.UInt32:
                    Put<uint>(data, random, 0u, 1u, uint.MaxValue, 1u << 31, (uint)random.Next(1000));
                    break;
                case BlockType.Int64:
                    Put<long>(data, random, -1L, 0, 1, long.MaxValue, long.MinValue, 1L << 33, random.Next(1000));
                    break;
                default:
                    data[random.Next(data.Length)] = (byte)random.Next(256);
                    break;
            }
        }

        return data;
    }

    private static byte[] ForgedJson(byte[] json, Random random)
    {
        string text = Encoding.UTF8.GetString(json);
        MatchCollection values = JsonValue().Matches(text);
        if (values.Count == 0 || random.Next(10) == 0)
            return Spliced(json, random);
        Match victim = values[random.Next(values.Count)];
        string forged = random.Next(5) switch
        {
            0 => '"' + Of(random, Texts) + '"',
            1 => Of(random, values.Select(value => value.Value).ToArray()),
            _ => Of(random, Numbers),
        };
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text[..victim.Index]}{forged}{text[(victim.Index + victim.Length)..]}"));
    }

    // As ChunkedStream: the length, and one chunk with its checksum.
    private static byte[] OneChunk(byte[] content) => content.Length == 0
        ? new byte[8]
        : [.. BitConverter.GetBytes((long)content.Length), .. content, .. BitConverter.GetBytes(XxHash64.HashToUInt64(content, 0))];

    private static void Put<T>(byte[] data, Random random, params T[] values)
        where T : unmanaged
    {
        Span<T> numbers = MemoryMarshal.Cast<byte, T>(data.AsSpan());
        numbers[random.Next(numbers.Length)] = Of(random, values);
    }

    private static T Of<T>(Random random, params T[] values) => values[random.Next(values.Length)];

    // Numbers, texts and literals that stand where a value may stand.
    [GeneratedRegex("""(?<=[:\[,])\s*("[^"]*"(?!\s*:)|-?[0-9][-+.eE0-9]*|true|false|null)""")]
    private static partial Regex JsonValue();
}

/// <summary>A file that was tampered with.</summary>
/// <param name="What">What is wrong with it.</param>
/// <param name="Bytes">The file.</param>
/// <param name="Size">How many bytes it has or, where that is more, its entries have.</param>
internal sealed record HostileFile(string What, byte[] Bytes, long Size);
