using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Papers.Networks;

/// <summary>A vector register of Single, so that one kernel serves registers of any width.</summary>
internal interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Values in a register.</summary>
    static abstract int Count { get; }

    static abstract TSelf Load(ref readonly float source, nuint offset);

    static abstract TSelf Broadcast(float value);

    /// <summary>left × right + addend.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    static abstract TSelf Max(TSelf left, TSelf right);

    static abstract TSelf Min(TSelf left, TSelf right);

    static abstract TSelf Round(TSelf value);

    static abstract TSelf SquareRoot(TSelf value);

    /// <summary>2 to the power of whole numbers from -126 to 127; 0 for -127.</summary>
    static abstract TSelf PowerOfTwo(TSelf exponent);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>Every second value of two registers, from the first on.</summary>
    static abstract TSelf Even(TSelf first, TSelf second);

    /// <summary>The values between them.</summary>
    static abstract TSelf Odd(TSelf first, TSelf second);

    /// <summary>Two registers of which they are the even and the odd values.</summary>
    static abstract (TSelf First, TSelf Second) Interleave(TSelf even, TSelf odd);

    /// <summary>The sum of the values.</summary>
    static abstract float Sum(TSelf lanes);

    /// <summary>The greatest value; NaN if one is.</summary>
    static abstract float Greatest(TSelf lanes);

    /// <summary>The sums of the values of six registers, in the first six places; the others hold anything.</summary>
    static abstract Vector256<float> Sums(TSelf lanes0, TSelf lanes1, TSelf lanes2, TSelf lanes3, TSelf lanes4, TSelf lanes5);

    void Store(ref float destination, nuint offset);
}

/// <summary>How the fused kernels use the registers of this processor.</summary>
internal static class KernelTile
{
    /// <summary>Whether registers of 512 bits are fast here.</summary>
    public static bool IsWide => Vector512.IsHardwareAccelerated;

    /// <summary>Whether there are thirty-two registers, as AVX-512 has them, and not sixteen.</summary>
    public static bool HasManyRegisters<TLanes>()
        where TLanes : struct, ILanes<TLanes> => TLanes.Count == Lanes512.Count;

    /// <summary>
    /// Outputs that a kernel computes at once: two registers, which with four inputs keep eight sums in flight and hide the latency of a multiply-add.
    /// </summary>
    public static int Width => 2 * (IsWide ? Lanes512.Count : Lanes256.Count);

    /// <summary>So many outputs, padded to whole tiles.</summary>
    public static int Pad(int outputs) => (outputs + Width - 1) / Width * Width;
}

/// <summary>512 bits: AVX-512.</summary>
internal readonly struct Lanes512(Vector512<float> value) : ILanes<Lanes512>
{
    private readonly Vector512<float> _value = value;

    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(ref readonly float source, nuint offset) => new(Vector512.LoadUnsafe(in source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAdd(Lanes512 left, Lanes512 right, Lanes512 addend) =>
        new(Vector512.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Max(Lanes512 left, Lanes512 right) => new(Vector512.Max(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Min(Lanes512 left, Lanes512 right) => new(Vector512.Min(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Round(Lanes512 value) => new(Vector512.Round(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 SquareRoot(Lanes512 value) => new(Vector512.Sqrt(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 PowerOfTwo(Lanes512 exponent) => new(((Vector512.ConvertToInt32(exponent._value) + Vector512.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator +(Lanes512 left, Lanes512 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 left, Lanes512 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator *(Lanes512 left, Lanes512 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator /(Lanes512 left, Lanes512 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Even(Lanes512 first, Lanes512 second) =>
        new(Vector512.Narrow(first._value.AsUInt64(), second._value.AsUInt64()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Odd(Lanes512 first, Lanes512 second) =>
        new(Vector512.Narrow(first._value.AsUInt64() >> 32, second._value.AsUInt64() >> 32).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Lanes512 First, Lanes512 Second) Interleave(Lanes512 even, Lanes512 odd)
    {
        (Vector512<ulong> first, Vector512<ulong> second) = Vector512.Widen(even._value.AsUInt32());
        (Vector512<ulong> afterFirst, Vector512<ulong> afterSecond) = Vector512.Widen(odd._value.AsUInt32());
        return (new((first | (afterFirst << 32)).AsSingle()), new((second | (afterSecond << 32)).AsSingle()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes512 lanes) => Vector256.Sum(lanes._value.GetLower() + lanes._value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Greatest(Lanes512 lanes) => Lanes256.Greatest(new(Vector256.Max(lanes._value.GetLower(), lanes._value.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sums(Lanes512 lanes0, Lanes512 lanes1, Lanes512 lanes2, Lanes512 lanes3, Lanes512 lanes4, Lanes512 lanes5) =>
        Lanes256.Sums(lanes0.Half(), lanes1.Half(), lanes2.Half(), lanes3.Half(), lanes4.Half(), lanes5.Half());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float destination, nuint offset) => _value.StoreUnsafe(ref destination, offset);

    // The sum of both halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes256 Half() => new(_value.GetLower() + _value.GetUpper());
}

/// <summary>256 bits: AVX2, and elsewhere two of 128.</summary>
internal readonly struct Lanes256(Vector256<float> value) : ILanes<Lanes256>
{
    private readonly Vector256<float> _value = value;

    public static int Count => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator Vector256<float>(Lanes256 lanes) => lanes._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(ref readonly float source, nuint offset) => new(Vector256.LoadUnsafe(in source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAdd(Lanes256 left, Lanes256 right, Lanes256 addend) =>
        new(Vector256.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Max(Lanes256 left, Lanes256 right) => new(Vector256.Max(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Min(Lanes256 left, Lanes256 right) => new(Vector256.Min(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Round(Lanes256 value) => new(Vector256.Round(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SquareRoot(Lanes256 value) => new(Vector256.Sqrt(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 PowerOfTwo(Lanes256 exponent) => new(((Vector256.ConvertToInt32(exponent._value) + Vector256.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 left, Lanes256 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 left, Lanes256 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 left, Lanes256 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 left, Lanes256 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Even(Lanes256 first, Lanes256 second) =>
        new(Vector256.Narrow(first._value.AsUInt64(), second._value.AsUInt64()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Odd(Lanes256 first, Lanes256 second) =>
        new(Vector256.Narrow(first._value.AsUInt64() >> 32, second._value.AsUInt64() >> 32).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Lanes256 First, Lanes256 Second) Interleave(Lanes256 even, Lanes256 odd)
    {
        (Vector256<ulong> first, Vector256<ulong> second) = Vector256.Widen(even._value.AsUInt32());
        (Vector256<ulong> afterFirst, Vector256<ulong> afterSecond) = Vector256.Widen(odd._value.AsUInt32());
        return (new((first | (afterFirst << 32)).AsSingle()), new((second | (afterSecond << 32)).AsSingle()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes256 lanes) => Vector256.Sum(lanes._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Greatest(Lanes256 lanes)
    {
        Vector128<float> four = Vector128.Max(lanes._value.GetLower(), lanes._value.GetUpper());
        Vector128<float> two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(two.ToScalar(), two.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sums(Lanes256 lanes0, Lanes256 lanes1, Lanes256 lanes2, Lanes256 lanes3, Lanes256 lanes4, Lanes256 lanes5)
    {
        if (!Avx.IsSupported)
        {
            return Vector256.Create(
                Vector256.Sum(lanes0._value), Vector256.Sum(lanes1._value), Vector256.Sum(lanes2._value), Vector256.Sum(lanes3._value),
                Vector256.Sum(lanes4._value), Vector256.Sum(lanes5._value), 0, 0);
        }

        Vector256<float> first = Avx.HorizontalAdd(Avx.HorizontalAdd(lanes0._value, lanes1._value), Avx.HorizontalAdd(lanes2._value, lanes3._value));
        Vector256<float> last = Avx.HorizontalAdd(lanes4._value, lanes5._value);
        last = Avx.HorizontalAdd(last, last);
        return Vector256.Create(first.GetLower() + first.GetUpper(), last.GetLower() + last.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float destination, nuint offset) => _value.StoreUnsafe(ref destination, offset);
}

/// <summary>One value: what is left where there are no more for a register.</summary>
internal readonly struct Lanes1(float value) : ILanes<Lanes1>
{
    private readonly float _value = value;

    public static int Count => 1;

    public static Lanes1 Load(ref readonly float source, nuint offset) => new(Unsafe.Add(ref Unsafe.AsRef(in source), offset));

    public static Lanes1 Broadcast(float value) => new(value);

    public static Lanes1 MultiplyAdd(Lanes1 left, Lanes1 right, Lanes1 addend) => new(MathF.FusedMultiplyAdd(left._value, right._value, addend._value));

    public static Lanes1 Max(Lanes1 left, Lanes1 right) => new(MathF.Max(left._value, right._value));

    public static Lanes1 Min(Lanes1 left, Lanes1 right) => new(MathF.Min(left._value, right._value));

    public static Lanes1 Round(Lanes1 value) => new(MathF.Round(value._value));

    public static Lanes1 SquareRoot(Lanes1 value) => new(MathF.Sqrt(value._value));

    public static Lanes1 PowerOfTwo(Lanes1 exponent) => new(BitConverter.Int32BitsToSingle(((int)exponent._value + 127) << 23));

    public static Lanes1 operator +(Lanes1 left, Lanes1 right) => new(left._value + right._value);

    public static Lanes1 operator -(Lanes1 left, Lanes1 right) => new(left._value - right._value);

    public static Lanes1 operator *(Lanes1 left, Lanes1 right) => new(left._value * right._value);

    public static Lanes1 operator /(Lanes1 left, Lanes1 right) => new(left._value / right._value);

    public static Lanes1 Even(Lanes1 first, Lanes1 second) => first;

    public static Lanes1 Odd(Lanes1 first, Lanes1 second) => second;

    public static (Lanes1 First, Lanes1 Second) Interleave(Lanes1 even, Lanes1 odd) => (even, odd);

    public static float Sum(Lanes1 lanes) => lanes._value;

    public static float Greatest(Lanes1 lanes) => lanes._value;

    public static Vector256<float> Sums(Lanes1 lanes0, Lanes1 lanes1, Lanes1 lanes2, Lanes1 lanes3, Lanes1 lanes4, Lanes1 lanes5) =>
        Vector256.Create(lanes0._value, lanes1._value, lanes2._value, lanes3._value, lanes4._value, lanes5._value, 0, 0);

    public void Store(ref float destination, nuint offset) => Unsafe.Add(ref destination, offset) = _value;
}
