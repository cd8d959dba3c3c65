using System.Runtime.CompilerServices;

namespace MLNet.Papers.Networks;

/// <summary>Powers of a register of numbers within a few units of the last place.</summary>
internal static class FastExponential
{
    /// <summary>The binary logarithm of e.</summary>
    public const float BitsOfE = 1.4426950408889634f;

    // Rounds to 2^-127, which is taken for 0.
    private const float Least = -88.2f;

    /// <summary>e^x for numbers up to 88; 0 from -88 down. NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes power = Parts(TLanes.Max(x, TLanes.Broadcast(Least)) * TLanes.Broadcast(BitsOfE), out TLanes whole);
        return power * whole;
    }

    /// <summary>2^x as the product of a number from 0.7 to 1.5 and a power of two.</summary>
    /// <param name="bits">From -127 to 127.</param>
    /// <param name="whole">The power of two.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Parts<TLanes>(TLanes bits, out TLanes whole)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes exponent = TLanes.Round(bits), rest = bits - exponent;
        // Taylor's series of 2^rest, |rest| <= 1/2.
        TLanes power = TLanes.Broadcast(1.5403530e-4f);
        power = TLanes.MultiplyAdd(power, rest, TLanes.Broadcast(1.3333558e-3f));
        power = TLanes.MultiplyAdd(power, rest, TLanes.Broadcast(9.6181291e-3f));
        power = TLanes.MultiplyAdd(power, rest, TLanes.Broadcast(5.5504109e-2f));
        power = TLanes.MultiplyAdd(power, rest, TLanes.Broadcast(0.24022651f));
        power = TLanes.MultiplyAdd(power, rest, TLanes.Broadcast(0.69314718f));
        power = TLanes.MultiplyAdd(power, rest, TLanes.Broadcast(1));
        whole = TLanes.PowerOfTwo(exponent);
        return power;
    }
}
