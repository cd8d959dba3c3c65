using System.IO.Hashing;
using System.Text;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>
/// Writes the bytes of a model after the description of the format, not with the code under test, and so can also write what that code never would.
/// </summary>
internal sealed class ForgedModel
{
    private readonly List<byte> _bytes = [];
    private long _blocks;

    public ForgedModel(string magic = "MLNP", int version = 1)
    {
        _bytes.AddRange(Encoding.ASCII.GetBytes(magic));
        _bytes.AddRange(BitConverter.GetBytes(version));
    }

    public ForgedModel Json(string name, string json)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        return Block(name, (byte)BlockType.Json, [bytes.Length], bytes);
    }

    /// <summary>A block with a right checksum.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">The number of its type.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="data">Its bytes.</param>
    /// <param name="claimed">The number of bytes that its head names; null for the true one.</param>
    /// <param name="headRest">Bytes at the end of the head that do not belong there.</param>
    public ForgedModel Block(string name, byte type, long[] shape, byte[] data, long? claimed = null, byte[]? headRest = null)
    {
        using var head = new MemoryStream();
        using var headWriter = new BinaryWriter(head);
        headWriter.Write(name);
        headWriter.Write(type);
        headWriter.Write((byte)shape.Length);
        foreach (long dimension in shape)
            headWriter.Write(dimension);
        headWriter.Write(claimed ?? data.Length);
        headWriter.Write(headRest ?? []);
        return Head(head.ToArray(), data);
    }

    /// <summary>A block whose head consists of any bytes.</summary>
    public ForgedModel Head(byte[] head, byte[] data)
    {
        _bytes.AddRange(BitConverter.GetBytes(head.Length));
        _bytes.AddRange(head);
        _bytes.AddRange(data);
        _bytes.AddRange(BitConverter.GetBytes(XxHash64.HashToUInt64([.. head, .. data])));
        _blocks++;
        return this;
    }

    public ForgedModel Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>The bytes so far, without an end block.</summary>
    public byte[] Open() => [.. _bytes];

    /// <summary>The bytes with an end block.</summary>
    /// <param name="blocks">How many blocks it says came before it; null for the true number.</param>
    public byte[] Ended(long? blocks = null)
    {
        long count = blocks ?? _blocks;
        return Block("", (byte)BlockType.End, [], BitConverter.GetBytes(count)).Open();
    }
}
