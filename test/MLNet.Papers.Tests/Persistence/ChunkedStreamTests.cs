using MLNet.Papers.Persistence;

namespace MLNet.Papers.Tests.Persistence;

[TestClass]
public sealed class ChunkedStreamTests
{
    private const int ChunkSize = 1000;

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(ChunkSize - 1)]
    [DataRow(ChunkSize)]
    [DataRow(ChunkSize + 1)]
    [DataRow(5 * ChunkSize)]
    public void What_is_written_is_read(int length)
    {
        byte[] bytes = Random(length);
        byte[] file = Write(bytes);
        Assert.HasCount(8 + length + (8 * ((length + ChunkSize - 1) / ChunkSize)), file);
        ChunkedStream.ChunkReader reader = ChunkedStream.Read(new MemoryStream(file), ChunkSize);
        Assert.AreEqual(length, reader.Length);
        byte[] actual = new byte[length];
        reader.ReadExactly(actual);
        Assert.AreEqual(-1, reader.ReadByte());
        Assert.IsTrue(bytes.AsSpan().SequenceEqual(actual));
    }

    [TestMethod]
    public void Chunks_that_change_places_are_refused()
    {
        byte[] file = Write(Random(2 * ChunkSize));
        const int Size = ChunkSize + 8;
        byte[] swapped = [.. file[..8], .. file[(8 + Size)..], .. file[8..(8 + Size)]];
        Assert.Contains("Chunk 0", Assert.ThrowsExactly<FormatException>(() => ChunkedStream.Read(new MemoryStream(swapped), ChunkSize).ReadByte()).Message);
    }

    [TestMethod]
    public void A_damaged_or_cut_stream_is_refused()
    {
        byte[] file = Write(Random(100));
        for (int place = 0; place < file.Length; place++)
        {
            file[place] ^= 1;
            Assert.ThrowsExactly<FormatException>(() => ChunkedStream.Read(new MemoryStream(file), ChunkSize).ReadByte(), $"byte {place}");
            file[place] ^= 1;
            Assert.ThrowsExactly<FormatException>(() => ChunkedStream.Read(new MemoryStream(file[..place]), ChunkSize), $"{place} bytes");
        }

        Assert.ThrowsExactly<FormatException>(() => ChunkedStream.Read(new MemoryStream([.. file, 0])));
        Assert.ThrowsExactly<FormatException>(() => ChunkedStream.Read(new MemoryStream([.. Enumerable.Repeat((byte)0x7F, 64)])));
    }

    private static byte[] Write(byte[] bytes)
    {
        using var stream = new MemoryStream();
        // In parts that do not go with the chunks.
        ChunkedStream.Write(stream, target =>
        {
            for (int start = 0; start < bytes.Length; start += 301)
                target.Write(bytes.AsSpan(start, Math.Min(301, bytes.Length - start)));
        }, ChunkSize);
        return stream.ToArray();
    }

    private static byte[] Random(int length)
    {
        byte[] bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
