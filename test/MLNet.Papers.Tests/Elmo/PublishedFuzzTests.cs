using MLNet.Papers.Elmo;

namespace MLNet.Papers.Tests.Elmo;

/// <summary>Damaged HDF5 files: each is refused in clear words or read.</summary>
[TestClass]
public sealed class PublishedFuzzTests
{
    private const int Files = 500;

    [TestMethod]
    public void A_damaged_file_is_refused_or_read()
    {
        using PublishedFiles files = PublishedFiles.Make(new());
        byte[] honest = File.ReadAllBytes(files.WeightsPath);
        Assert.IsNull(Attempt(files, honest));
        var random = new Random(1);
        List<string> faults = [];
        for (int i = 0; i < Files; i++)
        {
            byte[] damaged = Damage(honest, random, out string what);
            Exception? error = Attempt(files, damaged);
            if (error is not (null or FormatException))
                faults.Add($"file {i}, {what}: {error}");
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

    private static Exception? Attempt(PublishedFiles files, byte[] bytes)
    {
        File.WriteAllBytes(files.WeightsPath, bytes);
        try
        {
            PublishedElmo.Load(files.OptionsPath, files.WeightsPath);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}
