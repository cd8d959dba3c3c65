using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace MLNet.Papers.Published;

/// <summary>How the numbers of an array are stored, all with the lowest byte first.</summary>
internal enum NumberKind
{
    /// <summary>What networks have no use for: whole numbers, Booleans, compressed numbers.</summary>
    Other,
    Single,
    Double,
    Half,

    /// <summary>The upper half of a Single.</summary>
    Brain,
}

/// <summary>An array of numbers in a file.</summary>
/// <param name="File">The file, for messages.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">How its numbers are stored.</param>
/// <param name="KindName">What the file calls that.</param>
/// <param name="Shape">Its dimensions, of which the last is the densest; none is negative, and their product is in the file's bounds.</param>
/// <param name="Open">The bytes of its numbers, from the first one on; to be disposed.</param>
internal sealed record PublishedArray(string File, string Name, NumberKind Kind, string KindName, long[] Shape, Func<Stream> Open)
{
    /// <summary>How many numbers it has.</summary>
    public long Count => Shape.Aggregate(1L, (count, dimension) => count * dimension);

    /// <summary>Whether it is a matrix that is stored the other way round.</summary>
    public bool IsTransposed { get; init; }

    /// <summary>Its dimensions, of a matrix that is stored the other way round those that it should have.</summary>
    public long[] TrueShape => IsTransposed ? [Shape[1], Shape[0]] : Shape;

    /// <summary>How many bytes a number of a kind has.</summary>
    public static int SizeOf(NumberKind kind) => kind switch { NumberKind.Single => 4, NumberKind.Double => 8, _ => 2 };

    /// <summary>The product of dimensions; null where one is negative or they are too many.</summary>
    public static long? Product(ReadOnlySpan<long> shape)
    {
        UInt128 product = 1;
        foreach (long dimension in shape)
        {
            if (dimension < 0)
                return null;
            product = UInt128.Min(product * (ulong)dimension, ulong.MaxValue);
        }

        return product <= (ulong)Array.MaxLength ? (long)product : null;
    }

    /// <summary>Reads the numbers.</summary>
    /// <exception cref="FormatException">They are of another kind, are not all there, or one is not finite.</exception>
    public float[] Read()
    {
        if (Kind == NumberKind.Other)
            throw new FormatException($"'{File}': '{Name}' must hold floating-point numbers of 16, 32 or 64 bits, but holds {KindName}.");
        float[] values = new float[Count];
        ReadTo(values);
        if (values.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) is >= 0 and int at)
            throw new FormatException($"'{File}': '{Name}' has a number that is not finite, the one with the index {at}.");
        return IsTransposed ? Transposed(values, (int)Shape[0], (int)Shape[1]) : values;
    }

    private void ReadTo(float[] values)
    {
        try
        {
            using Stream stream = Open();
            if (Kind == NumberKind.Single)
            {
                stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
                return;
            }

            byte[] part = new byte[1 << 16];
            int size = SizeOf(Kind);
            for (int start = 0, count; start < values.Length; start += count)
            {
                count = Math.Min(part.Length / size, values.Length - start);
                stream.ReadExactly(part, 0, count * size);
                Convert(part.AsSpan(0, count * size), values.AsSpan(start, count));
            }
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException)
        {
            throw new FormatException($"'{File}': '{Name}' is cut short or damaged.", exception);
        }
    }

    private void Convert(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (Kind)
        {
            case NumberKind.Half:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
                break;
            case NumberKind.Double:
                TensorPrimitives.ConvertTruncating<double, float>(MemoryMarshal.Cast<byte, double>(bytes), values);
                break;
            default:
                ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (int i = 0; i < values.Length; i++)
                    values[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                break;
        }
    }

    // (rows, columns) -> (columns, rows)
    private static float[] Transposed(float[] matrix, int rows, int columns)
    {
        float[] turned = new float[matrix.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                turned[((long)column * rows) + row] = matrix[((long)row * columns) + column];
        }

        return turned;
    }
}
