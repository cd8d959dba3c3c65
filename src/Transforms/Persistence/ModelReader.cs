using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MLNet.Papers.Persistence;

/// <summary>Reads what <see cref="ModelWriter"/> wrote, and nothing else.</summary>
/// <remarks>
/// Every length is checked against what is left of the stream before anything of that length is allocated, and every block against its
/// checksum before its content is used. A damaged or foreign file gives a <see cref="FormatException"/> that names the block.
/// </remarks>
internal sealed class ModelReader
{
    private readonly Dictionary<string, Block> _blocks = [];
    private readonly HashSet<string> _taken = [];

    /// <summary>Reads and checks all blocks.</summary>
    /// <param name="stream">A seekable stream, at the model's first byte; the model must fill the rest of it.</param>
    /// <param name="isFollowed">Whether something else follows: a <see cref="ChunkedStream"/>.</param>
    /// <exception cref="FormatException">The bytes are not an undamaged model.</exception>
    public ModelReader(Stream stream, bool isFollowed = false)
    {
        if (ReadNumber<uint>(stream, "the magic number") != ModelFormat.Magic)
            throw new FormatException("The model does not begin with the magic number of MLNet.Papers.");
        int version = ReadNumber<int>(stream, "the format version");
        if (version is < 1 or > ModelFormat.Version)
            throw new FormatException($"The model has format version {version}; this version of MLNet.Papers reads 1 to {ModelFormat.Version}.");

        while (ReadBlock(stream, _blocks.Count) is (string name, Block block))
        {
            if (!_blocks.TryAdd(name, block))
                throw new FormatException($"The model has two blocks '{name}'.");
        }

        Rest = stream;
        if (!isFollowed)
            RequireEnd();
    }

    /// <summary>The members that were read so far.</summary>
    public ModelMembers Members { get; } = new();

    /// <summary>What follows the blocks; whoever reads it reads it to its end.</summary>
    public Stream Rest { get; }

    /// <summary>Whether there is such a block, or one whose name begins with this and a dot: older models do not have all.</summary>
    public bool Has(string name) => _blocks.ContainsKey(name) || _blocks.Keys.Any(block => block.StartsWith(name + ".", StringComparison.Ordinal));

    /// <summary>The elements of a block, which must have exactly this type and shape.</summary>
    /// <param name="name">The block's name.</param>
    /// <param name="shape">The dimensions it must have; -1 allows any.</param>
    /// <exception cref="FormatException">There is no such block, or it has another type or shape.</exception>
    public T[] Read<T>(string name, params ReadOnlySpan<long> shape)
        where T : unmanaged => (T[])Read(name, typeof(T), shape);

    /// <summary>The same for a type that is known only when it runs.</summary>
    public Array Read(string name, Type element, ReadOnlySpan<long> shape)
    {
        Block block = Take(name, ModelFormat.TypeOf(element));
        bool fits = block.Shape.Length == shape.Length;
        for (int i = 0; fits && i < shape.Length; i++)
            fits = shape[i] == -1 || shape[i] == block.Shape[i];
        if (!fits)
        {
            throw new FormatException(
                $"Block '{name}' has the shape [{string.Join(", ", block.Shape)}], but must have [{string.Join(", ", shape.ToArray())}].");
        }

        return block.Data;
    }

    /// <summary>An object that was written as JSON.</summary>
    /// <exception cref="FormatException">There is no such block, or its JSON is not such an object.</exception>
    public T ReadJson<T>(string name) => (T)ReadJson(name, typeof(T));

    /// <summary>The same for a type that is known only when it runs.</summary>
    public object ReadJson(string name, Type type)
    {
        Block block = Take(name, BlockType.Json);
        return ModelJson.Read(name, () => JsonSerializer.Deserialize((byte[])block.Data, type, ModelJson.Options))
            ?? throw new FormatException($"Block '{name}' is null, but must have values.");
    }

    /// <summary>Says that all that the model should hold has been read.</summary>
    /// <exception cref="FormatException">A block was not asked for, or something follows them that was not.</exception>
    public void End()
    {
        if (_blocks.Keys.FirstOrDefault(name => !_taken.Contains(name)) is { } unknown)
            throw new FormatException($"The model has a block '{unknown}' that this version of MLNet.Papers does not know.");
        RequireEnd();
    }

    private void RequireEnd()
    {
        if (Rest.Position != Rest.Length)
            throw new FormatException($"The model is followed by {Rest.Length - Rest.Position} bytes that do not belong to it.");
    }

    private Block Take(string name, BlockType type)
    {
        if (!_blocks.TryGetValue(name, out Block? block))
            throw new FormatException($"The model has no block '{name}'.");
        if (block.Type != type)
            throw new FormatException($"Block '{name}' holds {block.Type}, but must hold {type}.");
        _taken.Add(name);
        return block;
    }

    private static (string Name, Block Block)? ReadBlock(Stream stream, int index)
    {
        string place = $"block {index}";
        int headLength = ReadNumber<int>(stream, place);
        int longestHead = 5 + (4 * ModelFormat.LongestName) + 2 + (8 * ModelFormat.HighestRank) + 8;
        if (headLength < 11 || headLength > longestHead)
            throw new FormatException($"The head of {place} claims {headLength} bytes; 11 to {longestHead} are possible.");
        byte[] head = new byte[headLength];
        ReadExactly(stream, head, place);
        (string name, BlockType type, long[] shape, long length) = ParseHead(head, place);

        if (length > stream.Length - stream.Position)
            throw new FormatException($"Block '{name}' claims {length} bytes, but the model has only {stream.Length - stream.Position} left.");
        Array data = Allocate(type, length, name);
        Span<byte> bytes = ModelFormat.BytesOf(data);
        ReadExactly(stream, bytes, $"block '{name}'");
        var checksum = new XxHash64();
        checksum.Append(head);
        checksum.Append(bytes);
        if (ReadNumber<ulong>(stream, $"block '{name}'") != checksum.GetCurrentHashAsUInt64())
            throw new FormatException($"Block '{name}' is damaged: its checksum does not match.");

        if (type != BlockType.End)
            return (name, new Block(type, shape, data));
        long blocks = BitConverter.ToInt64((byte[])data);
        return blocks == index ? null : throw new FormatException($"The model ends after {index} blocks, but was written with {blocks}.");
    }

    private static (string Name, BlockType Type, long[] Shape, long Length) ParseHead(byte[] head, string place)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(head), new UTF8Encoding(false, throwOnInvalidBytes: true));
            string name = reader.ReadString();
            var type = (BlockType)reader.ReadByte();
            int rank = reader.ReadByte();
            if (name.Length > ModelFormat.LongestName || rank > ModelFormat.HighestRank || !Enum.IsDefined(type))
                throw new FormatException($"The head of {place} is not valid.");
            long[] shape = new long[rank];
            long elements = 1;
            for (int i = 0; i < rank; i++)
            {
                shape[i] = reader.ReadInt64();
                if (shape[i] < 0)
                    throw new FormatException($"Block '{name}' has the dimension {shape[i]}.");
                elements = checked(elements * shape[i]);
            }

            long length = reader.ReadInt64();
            long expected = type == BlockType.End ? sizeof(long) : checked(elements * ModelFormat.ElementSize(type));
            if (length != expected)
                throw new FormatException($"Block '{name}' has {length} bytes, but its shape needs {expected}.");
            if (reader.BaseStream.Position != head.Length)
                throw new FormatException($"The head of block '{name}' is too long.");
            return (name, type, shape, length);
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or OverflowException)
        {
            throw new FormatException($"The head of {place} is not valid: {exception.Message}", exception);
        }
    }

    private static Array Allocate(BlockType type, long bytes, string name)
    {
        long elements = type == BlockType.End ? bytes : bytes / ModelFormat.ElementSize(type);
        if (elements > Array.MaxLength)
            throw new FormatException($"Block '{name}' has {elements} elements; at most {Array.MaxLength} are possible.");
        return type switch
        {
            BlockType.Single => new float[elements],
            BlockType.Double => new double[elements],
            BlockType.Int32 => new int[elements],
            BlockType.UInt32 => new uint[elements],
            BlockType.Int64 => new long[elements],
            _ => new byte[elements],
        };
    }

    private static T ReadNumber<T>(Stream stream, string place)
        where T : unmanaged
    {
        T number = default;
        ReadExactly(stream, MemoryMarshal.AsBytes(new Span<T>(ref number)), place);
        return number;
    }

    private static void ReadExactly(Stream stream, Span<byte> bytes, string place)
    {
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException exception)
        {
            throw new FormatException($"The model is cut short in {place}.", exception);
        }
    }

    private sealed record Block(BlockType Type, long[] Shape, Array Data);
}
