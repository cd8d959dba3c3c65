using MLNet.Papers.Persistence;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>A block of a model as it lies in the file, read after the description of the format.</summary>
internal sealed record SavedBlock(string Name, BlockType Type, long[] Shape, byte[] Data)
{
    /// <summary>All blocks of a model, and where what follows them begins.</summary>
    public static List<SavedBlock> ReadAll(byte[] model, out int end)
    {
        const int First = 8;
        var blocks = new List<SavedBlock>();
        end = First;
        while (Read(model, ref end) is { } block)
            blocks.Add(block);
        return blocks;
    }

    /// <summary>The bytes of a model of these blocks, with right checksums.</summary>
    public static byte[] Write(IEnumerable<SavedBlock> blocks)
    {
        var forged = new ForgedModel();
        foreach (SavedBlock block in blocks)
            forged.Block(block.Name, (byte)block.Type, block.Shape, block.Data);
        return forged.Ended();
    }

    // After the description of the format; null for the end block.
    private static SavedBlock? Read(byte[] model, ref int position)
    {
        using var reader = new BinaryReader(new MemoryStream(model) { Position = position });
        reader.ReadInt32();
        string name = reader.ReadString();
        var type = (BlockType)reader.ReadByte();
        long[] shape = new long[reader.ReadByte()];
        for (int i = 0; i < shape.Length; i++)
            shape[i] = reader.ReadInt64();
        byte[] data = reader.ReadBytes((int)reader.ReadInt64());
        reader.ReadUInt64();
        position = (int)reader.BaseStream.Position;
        return type == BlockType.End ? null : new(name, type, shape, data);
    }

    public SavedBlock Resized(long[] shape)
    {
        long bytes = shape.Aggregate((long)ModelFormat.ElementSize(Type), (product, dimension) => product * dimension);
        byte[] data = new byte[bytes];
        Data.AsSpan(0, (int)Math.Min(bytes, Data.Length)).CopyTo(data);
        return this with { Shape = shape, Data = data };
    }
}
