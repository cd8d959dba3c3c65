using System.Runtime.InteropServices;

namespace MLNet.Papers.Persistence;

/// <summary>What a block of a saved model holds. The numbers are part of the format and never change.</summary>
internal enum BlockType : byte
{
    End = 0,
    Single = 1,
    Double = 2,
    Int32 = 3,
    Int64 = 4,
    Byte = 5,
    UInt32 = 6,

    /// <summary>UTF-8 JSON.</summary>
    Json = 16,
}

/// <summary>The bytes that every saved model begins with, and what its blocks may measure.</summary>
internal static class ModelFormat
{
    /// <summary>"MLNP" in little-endian order.</summary>
    public const uint Magic = 0x504E_4C4D;

    /// <summary>The newest version this code writes and reads; older ones stay readable.</summary>
    public const int Version = 1;

    public const int LongestName = 256;
    public const int HighestRank = 8;

    public static int ElementSize(BlockType type) => type switch
    {
        BlockType.Single or BlockType.Int32 or BlockType.UInt32 => 4,
        BlockType.Double or BlockType.Int64 => 8,
        BlockType.Byte or BlockType.Json => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The type of a block of numbers.</summary>
    public static BlockType TypeOf(Type element) => Type.GetTypeCode(element) switch
    {
        TypeCode.Single => BlockType.Single,
        TypeCode.Double => BlockType.Double,
        TypeCode.Int32 => BlockType.Int32,
        TypeCode.UInt32 => BlockType.UInt32,
        TypeCode.Int64 => BlockType.Int64,
        TypeCode.Byte => BlockType.Byte,
        _ => throw new NotSupportedException($"A model has no blocks of {element}."),
    };

    /// <summary>The bytes of numbers.</summary>
    public static Span<byte> BytesOf(Array data) => data switch
    {
        float[] values => MemoryMarshal.AsBytes(values.AsSpan()),
        double[] values => MemoryMarshal.AsBytes(values.AsSpan()),
        int[] values => MemoryMarshal.AsBytes(values.AsSpan()),
        uint[] values => MemoryMarshal.AsBytes(values.AsSpan()),
        long[] values => MemoryMarshal.AsBytes(values.AsSpan()),
        _ => (byte[])data,
    };
}
