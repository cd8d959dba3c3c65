using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MLNet.Papers.Networks;

namespace MLNet.Papers.FastText;

/// <summary>Reads numbers, names and arrays from a stream and says in which field it ended too early.</summary>
/// <remarks>
/// What a file claims to hold is compared with what is left of the stream before room for it is made. Where a stream does not know its
/// length, room grows with what has really arrived.
/// </remarks>
/// <param name="stream">The stream.</param>
/// <param name="length">How many bytes it has from its position on; null if that is not known.</param>
internal sealed class ByteSource(Stream stream, long? length)
{
    /// <summary>The most bytes that <see cref="Peek"/> gives.</summary>
    public const int BufferSize = 1 << 16;

    private const int ChunkSize = 1 << 20;

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;
    private long? _ahead = length;

    public ByteSource(Stream stream)
        : this(stream, stream.CanSeek ? stream.Length - stream.Position : null)
    {
    }

    /// <summary>Called whenever bytes are read from the stream; throws to stop.</summary>
    public Action? Check { get; init; }

    /// <summary>How many bytes are left, or null if the stream does not know.</summary>
    public long? Left => _ahead + (_end - _start);

    public int ReadInt32(string field) => Read<int>(field);

    public long ReadInt64(string field) => Read<long>(field);

    public double ReadDouble(string field) => Read<double>(field);

    public byte ReadByte(string field) => Read<byte>(field);

    /// <summary>A byte that is 0 or 1.</summary>
    public bool ReadFlag(string field) => ReadByte(field) switch
    {
        0 => false,
        1 => true,
        byte other => throw Invalid(field, $"is {other}, but must be 0 or 1"),
    };

    /// <summary>The next bytes, without taking them; fewer if the stream ends.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        while (_end - _start < count && Fill())
        {
        }

        return _buffer.AsSpan(_start, Math.Min(count, _end - _start));
    }

    /// <summary>Takes bytes that <see cref="Peek"/> has given.</summary>
    public void Skip(int count) => _start += count;

    /// <summary>All bytes up to one that ends them, which is taken too but not given; null if the stream has no more bytes.</summary>
    public byte[]? ReadUntil(byte end)
    {
        ArrayBufferWriter<byte>? before = null;
        while (true)
        {
            ReadOnlySpan<byte> buffered = _buffer.AsSpan(_start, _end - _start);
            int length = buffered.IndexOf(end);
            bool isComplete = length >= 0;
            ReadOnlySpan<byte> part = isComplete ? buffered[..length] : buffered;
            _start += isComplete ? length + 1 : part.Length;
            if (isComplete && before is null)
                return part.ToArray();
            if (part.Length > 0)
                (before ??= new ArrayBufferWriter<byte>(part.Length)).Write(part);
            if (isComplete || !Fill())
                return before?.WrittenSpan.ToArray();
        }
    }

    /// <summary>An array of bytes.</summary>
    public byte[] ReadBytes(long count, string field) => ReadArray<byte>(count, field, check: null);

    /// <summary>An array of numbers, all of them finite.</summary>
    public float[] ReadFloats(long count, string field) => ReadArray<float>(count, field, static (values, field) =>
    {
        if (!FiniteValues.AreAll(values))
            throw Invalid(field, "has a value that is not finite");
    });

    /// <exception cref="FormatException">More of them are claimed than are left.</exception>
    public void Require(long count, long size, string field)
    {
        if (count < 0)
            throw Invalid(field, $"claims {count} elements");
        if (Left is long left && count > left / size)
            throw Invalid(field, $"claims {count} elements of {size} bytes, but only {left} bytes are left");
        if (count > Array.MaxLength)
            throw Invalid(field, $"claims {count} elements; at most {Array.MaxLength} are possible");
    }

    /// <exception cref="FormatException">There are bytes left.</exception>
    public void End()
    {
        if (!Peek(1).IsEmpty)
            throw Invalid("end of the file", $"is followed by {(Left is long left ? $"{left} bytes" : "bytes")} that do not belong to it");
    }

    /// <summary>The error for a field that cannot be what it must be.</summary>
    public static FormatException Invalid(string field, string problem) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The fastText model is not valid: {field} {problem}."));

    private static FormatException CutShort(string field, Exception? cause = null) => new($"The fastText model is cut short in {field}.", cause);

    private T Read<T>(string field)
        where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        if (_end - _start < size && Peek(size).Length < size)
            throw CutShort(field);
        T value = MemoryMarshal.Read<T>(_buffer.AsSpan(_start, size));
        _start += size;
        return value;
    }

    private T[] ReadArray<T>(long count, string field, Action<ReadOnlySpan<T>, string>? check)
        where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        Require(count, size, field);
        int chunk = ChunkSize / size;
        T[] values = LargeArray.Uninitialized<T>(Left is null ? Math.Min(count, chunk) : count);
        for (int filled = 0; filled < count;)
        {
            if (filled == values.Length)
                Array.Resize(ref values, (int)Math.Min(count, 2L * filled));
            Span<T> part = values.AsSpan(filled, Math.Min(chunk, values.Length - filled));
            Check?.Invoke();
            Take(MemoryMarshal.AsBytes(part), field);
            check?.Invoke(part, field);
            filled += part.Length;
        }

        return values;
    }

    private void Take(Span<byte> bytes, string field)
    {
        int buffered = Math.Min(bytes.Length, _end - _start);
        _buffer.AsSpan(_start, buffered).CopyTo(bytes);
        _start += buffered;
        try
        {
            stream.ReadExactly(bytes[buffered..]);
        }
        catch (EndOfStreamException exception)
        {
            throw CutShort(field, exception);
        }

        _ahead -= bytes.Length - buffered;
    }

    private bool Fill()
    {
        Check?.Invoke();
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        int read = stream.Read(_buffer.AsSpan(_end));
        _end += read;
        _ahead -= read;
        return read > 0;
    }
}
