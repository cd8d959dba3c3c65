using MLNet.Papers.Elmo;
using MLNet.Papers.Tests.Architecture;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>Damaged HDF5 files: each is refused in clear words or read, and none takes memory that it only claims.</summary>
/// <remarks>
/// <c>earliest.hdf5</c> and <c>latest.hdf5</c> hold random weights and two attributes, written by h5py 3.7 with its default and with <c>libver='latest'</c>:
/// the first in the older layout of groups, as the published models are, the second with links in a heap.
/// </remarks>
[TestClass]
public sealed class PublishedFuzzTests
{
    private const int Files = 150;
    private const long MaxBytes = 32 << 20;

    [TestMethod]
    [DataRow("earliest.hdf5")]
    [DataRow("latest.hdf5")]
    [DataRow("")]
    public void A_damaged_file_is_refused_or_read(string name)
    {
        using PublishedFiles files = PublishedFiles.Make(new());
        byte[] honest = File.ReadAllBytes(name.Length == 0 ? files.WeightsPath : Repository.Path("test", "MLNet.Papers.Tests", "Elmo", "Published", name));
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
            // What describes the arrays is most at risk; it stands where few bytes are the digits of random numbers.
            int place = random.Next(honest.Length);
            int length = random.Next(4) == 0 ? random.Next(1, 9) : 1;
            what += $"[{place}+{length}] ";
            for (int i = place; i < Math.Min(place + length, damaged.Length); i++)
                damaged[i] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
        }

        return random.Next(10) == 0 ? damaged[..random.Next(damaged.Length)] : damaged;
    }

    private static (Exception? Error, long Bytes) Attempt(PublishedFiles files, byte[] bytes)
    {
        File.WriteAllBytes(files.WeightsPath, bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exception? error = null;
        try
        {
            PublishedElmo.Load(files.OptionsPath, files.WeightsPath);
        }
        catch (Exception exception)
        {
            error = exception;
        }

        return (error, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
