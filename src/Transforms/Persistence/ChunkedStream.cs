using System.Buffers.Binary;
using System.IO.Hashing;

namespace MLNet.Papers.Persistence;

/// <summary>The layout of bytes that are more than a block of a model can hold: their number, then chunks of 16 MB, each followed by its checksum.</summary>
/// <remarks>They fill the rest of the stream, after the end of a model. Neither writing nor reading holds more than one chunk.</remarks>
internal static class ChunkedStream
{
    public const int ChunkSize = 1 << 24;

    private const int ChecksumSize = sizeof(ulong);

    /// <summary>Writes bytes in chunks.</summary>
    /// <param name="target">Where they go.</param>
    /// <param name="write">Writes them, always the same ones: it is called twice, first to count them.</param>
    /// <param name="chunkSize">For tests: the size of a chunk.</param>
    public static void Write(Stream target, Action<Stream> write, int chunkSize = ChunkSize)
    {
        var counter = new ChunkWriter(Stream.Null, chunkSize);
        write(counter);
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, counter.Written);
        target.Write(length);
        var writer = new ChunkWriter(target, chunkSize);
        write(writer);
        writer.End();
    }

    /// <summary>Opens what <see cref="Write"/> wrote.</summary>
    /// <param name="source">A seekable stream, which the chunks fill to the end.</param>
    /// <param name="chunkSize">For tests: the size of a chunk.</param>
    /// <exception cref="FormatException">The stream is longer or shorter than it should be.</exception>
    public static ChunkReader Read(Stream source, int chunkSize = ChunkSize)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        if (source.Length - source.Position < bytes.Length)
            throw new FormatException("The model is cut short before its chunks.");
        source.ReadExactly(bytes);
        long length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        long left = source.Length - source.Position;
        if (length < 0 || length > left || length + (((length + chunkSize - 1) / chunkSize) * ChecksumSize) != left)
            throw new FormatException($"The model claims {length} bytes in chunks, which does not go with the {left} bytes that are left.");
        return new ChunkReader(source, length, chunkSize);
    }

    // The place goes into the checksum, so that chunks cannot change places.
    private static ulong Checksum(long place, ReadOnlySpan<byte> chunk) => XxHash64.HashToUInt64(chunk, place);

    private sealed class ChunkWriter(Stream target, int chunkSize) : OneWayStream
    {
        private XxHash64 _checksum = new(0);

        public long Written { get; private set; }

        public override bool CanWrite => true;

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            while (buffer.Length > 0)
            {
                int room = chunkSize - (int)(Written % chunkSize);
                ReadOnlySpan<byte> part = buffer[..Math.Min(room, buffer.Length)];
                if (target != Null)
                    _checksum.Append(part);
                target.Write(part);
                Written += part.Length;
                if (Written % chunkSize == 0)
                    WriteChecksum();
                buffer = buffer[part.Length..];
            }
        }

        public void End()
        {
            if (Written % chunkSize != 0)
                WriteChecksum();
        }

        private void WriteChecksum()
        {
            Span<byte> bytes = stackalloc byte[ChecksumSize];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, _checksum.GetCurrentHashAsUInt64());
            target.Write(bytes);
            _checksum = new XxHash64(Written / chunkSize);
        }
    }

    /// <summary>Gives the bytes of a chunk after its checksum was compared.</summary>
    public sealed class ChunkReader(Stream source, long length, int chunkSize) : OneWayStream
    {
        private byte[] _chunk = [];
        private int _start;
        private long _chunks;
        private long _ahead = length;

        public override bool CanRead => true;

        /// <summary>How many bytes there are in all.</summary>
        public override long Length { get; } = length;

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_start == _chunk.Length && !ReadChunk())
                return 0;
            int count = Math.Min(buffer.Length, _chunk.Length - _start);
            _chunk.AsSpan(_start, count).CopyTo(buffer);
            _start += count;
            return count;
        }

        private bool ReadChunk()
        {
            if (_ahead == 0)
                return false;
            int size = (int)Math.Min(chunkSize, _ahead);
            if (_chunk.Length != size)
                _chunk = new byte[size];
            Span<byte> checksum = stackalloc byte[ChecksumSize];
            source.ReadExactly(_chunk);
            source.ReadExactly(checksum);
            if (BinaryPrimitives.ReadUInt64LittleEndian(checksum) != Checksum(_chunks, _chunk))
                throw new FormatException($"Chunk {_chunks} of the model is damaged: its checksum does not match.");
            _start = 0;
            _ahead -= size;
            _chunks++;
            return true;
        }
    }

    /// <summary>A stream that is only written or only read, from its beginning to its end.</summary>
    public abstract class OneWayStream : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
