using System.Runtime.CompilerServices;

namespace MLNet.Papers.Networks;

/// <summary>
/// A random generator of a few instructions: SplitMix64, after Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
/// </summary>
internal struct SplitMix(int seed, int stream)
{
    /// <summary>What a state grows by from number to number: the golden ratio's part behind the point.</summary>
    public const ulong Growth = 0x9E37_79B9_7F4A_7C15UL;

    private ulong _state = Mix(((ulong)(uint)seed << 32) | (uint)stream);

    /// <summary>Where it stands: all that the numbers to come depend on.</summary>
    public ulong State
    {
        readonly get => _state;
        set => _state = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        _state += Growth;
        return Mix(_state);
    }

    /// <summary>From 0 to below 1.</summary>
    public float NextSingle() => (Next() >> 40) * (1f / (1 << 24));

    /// <summary>From 0 to below <paramref name="end"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Below(int end) => (int)(((Next() >> 32) * (ulong)end) >> 32);

    /// <summary>Gives neighbouring numbers unrelated ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EBUL;
        return value ^ (value >> 31);
    }
}
