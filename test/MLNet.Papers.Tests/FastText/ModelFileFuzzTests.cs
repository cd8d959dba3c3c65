using System.Buffers.Binary;
using System.Globalization;

namespace MLNet.Papers.Tests.FastText;

/// <summary>Damaged files: they are refused with a <see cref="FormatException"/> or give a model that works, and never ask for much memory.</summary>
[TestClass]
public sealed class ModelFileFuzzTests
{
    private static readonly int[] Extremes = [int.MinValue, -1, 0, 1, 2, 255, 65_536, 1 << 30, int.MaxValue];

    public static IEnumerable<object[]> Files =>
    [
        ["worked", WorkedFile.Create()],
        ["softmax", RandomModels.Bytes(RandomModels.Classifier(FastTextLoss.HierarchicalSoftmax))],
        ["quantized", RandomModels.Bytes(RandomModels.Quantized(dimension: 3))],
    ];

    [TestMethod, DynamicData(nameof(Files))]
    public void No_number_at_any_place_of_the_head_does_harm(string name, byte[] file)
    {
        byte[] damaged = new byte[file.Length];
        for (int place = 0; place < Math.Min(file.Length - 8, 700); place += place < 120 ? 1 : 3)
        {
            foreach (int extreme in Extremes)
            {
                file.CopyTo(damaged, 0);
                BinaryPrimitives.WriteInt32LittleEndian(damaged.AsSpan(place), extreme);
                Try(damaged, $"{name}: {extreme} at {place}");
            }
        }
    }

    [TestMethod, DynamicData(nameof(Files))]
    public void No_flipped_bits_do_harm(string name, byte[] file)
    {
        var random = new Random(11);
        byte[] damaged = new byte[file.Length];
        for (int round = 0; round < 1500; round++)
        {
            file.CopyTo(damaged, 0);
            int changes = 1 + random.Next(4);
            for (int change = 0; change < changes; change++)
                damaged[random.Next(round % 2 == 0 ? Math.Min(file.Length, 400) : file.Length)] ^= (byte)(1 << random.Next(8));
            Try(damaged, $"{name}: round {round}");
        }
    }

    [TestMethod]
    public void No_text_does_harm()
    {
        using var stream = new MemoryStream();
        RandomModels.Vectors(maximum: 0).SaveText(stream);
        byte[] file = stream.ToArray();
        var random = new Random(12);
        byte[] damaged = new byte[file.Length];
        for (int round = 0; round < 1500; round++)
        {
            file.CopyTo(damaged, 0);
            for (int change = 0; change < 3; change++)
                damaged[random.Next(round % 2 == 0 ? 12 : file.Length)] = (byte)"0123456789 \n-.e\0"[random.Next(16)];
            Try(damaged, $"text: round {round}");
        }

        foreach (string head in new[] { "2000000000 300\na 1", "1 65536\na 1", "999999999999 1\n", "-1 3\n", "1 0\na\n", "99999999999999999999 2\n", "1 99999999999\n" })
            Try([.. head.Select(c => (byte)c)], head);
    }

    private static void Try(byte[] bytes, string what)
    {
        Try(new MemoryStream(bytes), bytes.Length, what);
        Try(new TricklingStream(bytes), bytes.Length, what);
    }

    private static void Try(Stream stream, int length, string what)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            FastTextModel model = FastTextModel.Load(stream);
            Assert.HasCount(model.Dimension, model.GetWordVector("harbour"));
            Assert.HasCount(model.Dimension, model.GetSentenceVector("the unseen sea"));
            if (model.Architecture == FastTextArchitecture.Supervised)
                model.Predict("the unseen sea", k: 2);
        }
        catch (FormatException)
        {
            // The one error that a bad file may give.
        }
        catch (Exception exception) when (exception is not UnitTestAssertException)
        {
            Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{what} gave {exception}"));
        }

        // A buffer of 64 KB, the largest vectors of a model, a first chunk of 1 MB where the length is unknown, and some multiples of the file.
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsLessThan(8_000_000 + (64L * length), allocated, $"{what} made {allocated} bytes.");
    }
}
