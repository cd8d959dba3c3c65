using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MLNet.Papers.Networks;

/// <summary>Turns the rows of a matrix into columns.</summary>
internal static class Transposition
{
    /// <summary>Writes value (row, column) of the source as value (column, row) of the target.</summary>
    /// <param name="source">The source.</param>
    /// <param name="first">Where its first row begins.</param>
    /// <param name="stride">Values from one row to the next; negative where the first row is the last in memory.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="target">The target.</param>
    /// <param name="targetFirst">Where its first row begins.</param>
    /// <param name="targetStride">Values from one of its rows to the next; negative where the first row is the last in memory.</param>
    public static void Run(ReadOnlySpan<float> source, int first, int stride, int rows, int columns, Span<float> target, int targetFirst, int targetStride)
    {
        if (!Contains(source.Length, first, stride, rows, columns) || !Contains(target.Length, targetFirst, targetStride, columns, rows))
            throw new ArgumentException("A buffer is too small for this matrix.");
        ref float from = ref Unsafe.Add(ref MemoryMarshal.GetReference(source), first),
            to = ref Unsafe.Add(ref MemoryMarshal.GetReference(target), targetFirst);
        int row = 0;
        for (; row + 4 <= rows; row += 4)
        {
            ref float a = ref Unsafe.Add(ref from, row * stride),
                b = ref Unsafe.Add(ref a, stride),
                c = ref Unsafe.Add(ref b, stride),
                d = ref Unsafe.Add(ref c, stride);
            ref float written = ref Unsafe.Add(ref to, row);
            for (int column = 0; column < columns; column++)
            {
                Vector128.Create(Unsafe.Add(ref a, column), Unsafe.Add(ref b, column), Unsafe.Add(ref c, column), Unsafe.Add(ref d, column))
                    .StoreUnsafe(ref written);
                written = ref Unsafe.Add(ref written, targetStride);
            }
        }

        for (; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                Unsafe.Add(ref to, (column * targetStride) + row) = Unsafe.Add(ref from, (row * stride) + column);
        }
    }

    private static bool Contains(int length, int first, int stride, int rows, int columns)
    {
        long last = first + ((rows - 1L) * stride);
        return rows > 0 && columns > 0 && Math.Min(first, last) >= 0 && Math.Max(first, last) + columns <= length;
    }
}
