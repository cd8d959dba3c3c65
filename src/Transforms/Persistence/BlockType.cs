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

    public static BlockType TypeOf<T>()
        where T : unmanaged =>
        default(T) switch
        {
            float => BlockType.Single,
            double => BlockType.Double,
            int => BlockType.Int32,
            uint => BlockType.UInt32,
            long => BlockType.Int64,
            byte => BlockType.Byte,
            _ => throw new NotSupportedException($"A model has no blocks of {typeof(T)}."),
        };
}
