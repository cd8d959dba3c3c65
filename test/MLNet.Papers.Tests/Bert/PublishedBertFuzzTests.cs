using MLNet.Papers.Bert;

namespace MLNet.Papers.Tests.Bert;

/// <summary>Damaged files of encoders: each is refused in clear words or read, and none takes memory that it only claims.</summary>
[TestClass]
public sealed class PublishedBertFuzzTests
{
    private const int Files = 300;
    private const long MaxBytes = 32 << 20;

    [TestMethod]
    [DataRow(PublishedFormat.Safetensors)]
    [DataRow(PublishedFormat.Torch)]
    [DataRow(PublishedFormat.OldTorch)]
    [DataRow(PublishedFormat.Onnx)]
    public void A_damaged_file_is_refused_or_read(PublishedFormat format)
    {
        using var small = new SmallBert(hidden: 6, heads: 2, layers: 1, inner: 4, positions: 8, maxLength: 8);
        using PublishedBertFiles files = PublishedBertFiles.Make(small.Model, format);
        byte[] honest = File.ReadAllBytes(files.ModelPath);
        Assert.IsNull(Attempt(files, honest).Error);
        var random = new Random(1);
        List<string> faults = [];
        for (int i = 0; i < Files; i++)
        {
            byte[] damaged = Damage(honest, random, out string what);
            (Exception? error, long bytes) = Attempt(files, damaged);
            if (error is not (null or FormatException) || bytes > MaxBytes)
                faults.Add($"file {i}, {what}: {bytes:N0} bytes, {error}");
        }

        Assert.IsEmpty(faults, $"{faults.Count} faults:\n{string.Join('\n', faults.Take(10))}");
    }

    private static byte[] Damage(byte[] honest, Random random, out string what)
    {
        byte[] damaged = [.. honest];
        what = "";
        for (int times = random.Next(1, 4); times > 0; times--)
        {
            // Half of the places are near the beginning or the end, where most of what describes arrays stands.
            int place = random.Next(4) switch
            {
                0 => random.Next(Math.Min(64, honest.Length)),
                1 => honest.Length - 1 - random.Next(Math.Min(512, honest.Length)),
                _ => random.Next(honest.Length),
            };
            int length = random.Next(4) == 0 ? random.Next(1, 9) : 1;
            what += $"[{place}+{length}] ";
            for (int i = place; i < Math.Min(place + length, damaged.Length); i++)
                damaged[i] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
        }

        return random.Next(10) == 0 ? damaged[..random.Next(damaged.Length)] : damaged;
    }

    private static (Exception? Error, long Bytes) Attempt(PublishedBertFiles files, byte[] bytes)
    {
        File.WriteAllBytes(files.ModelPath, bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exception? error = null;
        try
        {
            PublishedBert.Load(files.ModelPath, files.VocabularyPath, new());
        }
        catch (Exception exception)
        {
            error = exception;
        }

        return (error, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
