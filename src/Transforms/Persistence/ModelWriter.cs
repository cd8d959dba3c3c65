using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MLNet.Papers.Persistence;

/// <summary>Writes a model as named blocks, each with its type, shape and checksum.</summary>
/// <remarks>
/// Little-endian. A model is the magic number (4 bytes), the format version (4), its blocks and an end block. A block is the length of its
/// head (4), the head (name with its length, type, rank, dimensions, bytes of data), the data, and the XxHash64 of head and data (8).
/// The end block's name is empty and its data is the number of blocks before it: a file that was cut short has none.
/// </remarks>
internal sealed class ModelWriter
{
    private readonly Stream _stream;
    private long _blocks;
    private Action<Stream>? _rest;

    public ModelWriter(Stream stream)
    {
        _stream = stream;
        WriteNumber(ModelFormat.Magic);
        WriteNumber(ModelFormat.Version);
    }

    /// <summary>The members that were written so far.</summary>
    public ModelMembers Members { get; } = new();

    /// <summary>Writes an array of numbers.</summary>
    /// <param name="name">The block's name, unique in the model.</param>
    /// <param name="values">The elements in row-major order.</param>
    /// <param name="shape">The dimensions; their product is the number of elements.</param>
    public void Write<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged => Write(name, ModelFormat.TypeOf(typeof(T)), MemoryMarshal.AsBytes(values), shape);

    /// <summary>The same for a type that is known only when it runs.</summary>
    public void Write(string name, Array values, ReadOnlySpan<long> shape) =>
        Write(name, ModelFormat.TypeOf(values.GetType().GetElementType()!), ModelFormat.BytesOf(values), shape);

    private void Write(string name, BlockType type, ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape)
    {
        long elements = 1, given = bytes.Length / ModelFormat.ElementSize(type);
        foreach (long dimension in shape)
            elements = checked(elements * dimension);
        if (elements != given)
            throw new ArgumentException($"Block '{name}' has {given} elements, but its shape has {elements}.", nameof(shape));
        WriteBlock(name, type, shape, bytes);
    }

    /// <summary>Writes an object as JSON.</summary>
    public void WriteJson<T>(string name, T value)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, ModelJson.Options);
        WriteBlock(name, BlockType.Json, [json.Length], json);
    }

    /// <summary>Says what follows the blocks.</summary>
    public void Follow(Action<Stream> write) => _rest = write;

    /// <summary>Ends the model. Nothing may be written after this.</summary>
    public void End()
    {
        WriteBlock("", BlockType.End, [], BitConverter.GetBytes(_blocks));
        _rest?.Invoke(_stream);
    }

    private void WriteBlock(string name, BlockType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> data)
    {
        using var head = new MemoryStream();
        using (var writer = new BinaryWriter(head, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(name);
            writer.Write((byte)type);
            writer.Write((byte)shape.Length);
            foreach (long dimension in shape)
                writer.Write(dimension);
            writer.Write((long)data.Length);
        }

        ReadOnlySpan<byte> headBytes = head.GetBuffer().AsSpan(0, (int)head.Length);
        var checksum = new XxHash64();
        checksum.Append(headBytes);
        checksum.Append(data);
        WriteNumber(headBytes.Length);
        _stream.Write(headBytes);
        _stream.Write(data);
        WriteNumber(checksum.GetCurrentHashAsUInt64());
        _blocks++;
    }

    private void WriteNumber<T>(T number)
        where T : unmanaged => _stream.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in number)));
}

/// <summary>How options and names are written as JSON in a model.</summary>
internal static class ModelJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = 16,
    };

    /// <summary>Runs a reading of JSON.</summary>
    /// <exception cref="FormatException">It is not valid.</exception>
    public static object? Read(string block, Func<object?> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or NotSupportedException)
        {
            // What the exception itself says names types of this package.
            string place = exception is JsonException { Path: { Length: > 1 } path } ? $" at {path}" : "";
            throw new FormatException($"Block '{block}' is not valid{place}: a value is missing, of another type or does not belong there.", exception);
        }
    }
}
