using System.Runtime.CompilerServices;

namespace MLNet.Papers.Networks;

/// <summary>The logistic function and the hyperbolic tangent of a register of numbers within 5e-7, in a third of the time of the exact functions.</summary>
internal static class FastSigmoid
{
    /// <summary>1 / (1 + e^-x). NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes bits = TLanes.Min(TLanes.Max(x, TLanes.Broadcast(-80)), TLanes.Broadcast(80)) * TLanes.Broadcast(-FastExponential.BitsOfE),
            one = TLanes.Broadcast(1);
        TLanes power = FastExponential.Parts(bits, out TLanes whole);
        return one / TLanes.MultiplyAdd(power, whole, one);
    }

    /// <summary>The hyperbolic tangent: 2 / (1 + e^-2x) - 1. NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Tanh<TLanes>(TLanes x)
        where TLanes : struct, ILanes<TLanes> => TLanes.MultiplyAdd(Of(x + x), TLanes.Broadcast(2), TLanes.Broadcast(-1));
}
