using System.Runtime.InteropServices;

namespace MLNet.Papers.Onnx;

/// <summary>The types of numbers in a graph. The values are those of the format.</summary>
internal enum OnnxType
{
    /// <summary>Single.</summary>
    Single = 1,

    /// <summary>Int32.</summary>
    Int32 = 6,

    /// <summary>Int64.</summary>
    Int64 = 7,

    /// <summary>Boolean.</summary>
    Boolean = 9,

    /// <summary>UInt32, the numbers of keys.</summary>
    UInt32 = 12,
}

/// <summary>The length of an axis: a number, or a name where only the caller knows it.</summary>
internal readonly record struct OnnxDimension(long Length, string? Name)
{
    public static implicit operator OnnxDimension(long length) => new(length, null);

    public static implicit operator OnnxDimension(string name) => new(0, name);
}

/// <summary>A value of a graph: an input, a weight or the result of an operator.</summary>
internal sealed record OnnxValue(string Name);

/// <summary>What a graph says of an input or output.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its numbers.</param>
/// <param name="Shape">Its shape; null where whoever reads the graph infers it.</param>
/// <param name="Column">The column that an output is.</param>
internal sealed record OnnxPort(string Name, OnnxType Type, OnnxDimension[]? Shape, string? Column = null);

/// <summary>An operator at work.</summary>
/// <param name="Operator">Its name in the format.</param>
/// <param name="Inputs">The names of the values it reads; an empty one stands for an optional value that is left out.</param>
/// <param name="Outputs">The names of the values it gives.</param>
/// <param name="Attributes">Its settings: Int64, Single, String, arrays of Int64, or graphs.</param>
internal sealed record OnnxNode(string Operator, string[] Inputs, string[] Outputs, (string Name, object Value)[] Attributes);

/// <summary>A constant of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its numbers.</param>
/// <param name="Shape">Its shape.</param>
internal abstract record OnnxTensor(string Name, OnnxType Type, long[] Shape)
{
    /// <summary>How many bytes its numbers have.</summary>
    public abstract long Bytes { get; }

    /// <summary>Writes its numbers, little endian.</summary>
    public abstract void WriteTo(Stream stream);

    /// <summary>Its numbers.</summary>
    public abstract Array ToArray();
}

/// <inheritdoc/>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its numbers.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Values">Gives its numbers when they are written, so that those that are made for a graph are not all in memory at once.</param>
internal sealed record OnnxTensor<T>(string Name, OnnxType Type, long[] Shape, Func<T[]> Values) : OnnxTensor(Name, Type, Shape)
    where T : unmanaged
{
    public override long Bytes => Shape.Aggregate((long)Marshal.SizeOf<T>(), (product, length) => checked(product * length));

    public override Array ToArray() => Values();

    public override void WriteTo(Stream stream)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<T>(Values());
        if (bytes.Length != Bytes)
            throw new InvalidOperationException(FormattableString.Invariant($"The weight '{Name}' has {bytes.Length} bytes, but its shape has {Bytes}."));
        stream.Write(bytes);
    }
}
