namespace MLNet.Papers.FastText;

/// <summary>The 32-bit FNV-1a hash with which fastText finds words and n-grams.</summary>
/// <remarks>Bytes are sign-extended before the exclusive or, as in the models that exist: a byte from 0x80 on flips the upper 24 bits as well.</remarks>
internal static class SubwordHash
{
    /// <summary>The hash of no bytes.</summary>
    public const uint Empty = 2166136261;

    private const uint Prime = 16777619;

    public static uint Of(ReadOnlySpan<byte> utf8)
    {
        uint hash = Empty;
        foreach (byte value in utf8)
            hash = Append(hash, value);
        return hash;
    }

    /// <summary>The hash of some bytes and one more.</summary>
    public static uint Append(uint hash, byte value) => unchecked((hash ^ (uint)(sbyte)value) * Prime);
}
