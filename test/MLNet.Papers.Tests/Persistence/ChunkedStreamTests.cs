using MLNet.Papers.Persistence;

namespace MLNet.Papers.Tests.Persistence;

[TestClass]
public sealed class ChunkedStreamTests
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(ChunkedStream.ChunkSize - 1)]
    [DataRow(ChunkedStream.ChunkSize)]
    [DataRow(ChunkedStream.ChunkSize + 1)]
    public void What_is_written_is_read(int length)
    {
        byte[] bytes = Random(length);
        byte[] file = Write(bytes);
        Assert.HasCount(8 + length + (8 * ((length + ChunkedStream.ChunkSize - 1) / ChunkedStream.ChunkSize)), file);
        ChunkedStream.ChunkReader reader = ChunkedStream.Read(new MemoryStream(file));
        Assert.AreEqual(length, reader.Length);
        byte[] actual = new byte[length];
        reader.ReadExactly(actual);
        Assert.AreEqual(-1, reader.ReadByte());
        Assert.IsTrue(bytes.AsSpan().SequenceEqual(actual));
    }

    [TestMethod]
    public void Chunks_that_change_places_are_refused()
    {
        byte[] file = Write(Random(2 * ChunkedStream.ChunkSize));
        const int Size = ChunkedStream.ChunkSize + 8;
        byte[] swapped = [.. file[..8], .. file[(8 + Size)..], .. file[8..(8 + Size)]];
        Assert.Contains("Chunk 0", Assert.ThrowsExactly<FormatException>(() => ChunkedStream.Read(new MemoryStream(swapped)).ReadByte()).Message);
    }

    [TestMethod]
    public void A_damaged_or_cut_stream_is_refused()
    {
        byte[] file = Write(Random(100));
        for (int place = 0; place < file.Length; place++)
        {
            file[place] ^= 1;
            Assert.ThrowsExactly<FormatException>(() => ChunkedStream.Read(new MemoryStream(file)).ReadByte(), $"byte {place}");
            file[place] ^= 1;
            Assert.ThrowsExactly<FormatException>(() => ChunkedStream.Read(new MemoryStream(file[..place])), $"{place} bytes");
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
            for (int start = 0; start < bytes.Length; start += 5_000_001)
                target.Write(bytes.AsSpan(start, Math.Min(5_000_001, bytes.Length - start)));
        });
        return stream.ToArray();
    }

    private static byte[] Random(int length)
    {
        byte[] bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
