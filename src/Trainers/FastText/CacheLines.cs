using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace MLNet.Papers.FastText;

/// <summary>Has the processor fetch memory that will be needed soon, without waiting for it.</summary>
internal static class CacheLines
{
    private const int Size = 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch<T>(ReadOnlySpan<T> values)
        where T : unmanaged => Prefetch(ref MemoryMarshal.GetReference(values), values.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch<T>(ref T values, int count)
        where T : unmanaged
    {
        if (!Sse.IsSupported || count == 0)
            return;
        // An address alone: where the collector moves the memory meanwhile, the wrong lines are fetched, and nothing else happens.
        byte* first = (byte*)Unsafe.AsPointer(ref values);
        byte* last = first + ((nint)count * sizeof(T)) - 1;
        for (byte* line = first; line < last; line += Size)
            Sse.Prefetch0(line);
        Sse.Prefetch0(last);
    }
}
