namespace MLNet.Papers.Published;

/// <summary>A file from a place on, read by one thread; closing it leaves the file open.</summary>
internal sealed class FilePart : Stream
{
    private readonly FileStream _file;

    private FilePart(FileStream file) => _file = file;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static FilePart Open(FileStream file, long start)
    {
        file.Position = start;
        return new FilePart(file);
    }

    public override int Read(byte[] buffer, int offset, int count) => _file.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => _file.Read(buffer);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
