using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using MLNet.Papers.FastText;

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
        ["colliding words", RandomModels.Bytes(RandomModels.VectorsOf(RandomModels.Colliding(8), maximum: 4))],
        [
            "long words",
            RandomModels.Bytes(RandomModels.VectorsOf([.. new[] { 1, 30, 500, 9000 }.Select(letters => Enumerable.Repeat((byte)'x', letters).ToArray())])),
        ],
        ["odd words", RandomModels.Bytes(RandomModels.VectorsOf(["a"u8.ToArray(), [], " b\tc\n"u8.ToArray(), [0xFF], [0xE6, 0x97], [0xA5], "a"u8.ToArray()]))],
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

        foreach (
            string head in new[]
            {
                "2000000000 300\na 1",
                "1 65536\na 1",
                "999999999999 1\n",
                "-1 3\n",
                "1 0\na\n",
                "99999999999999999999 2\n",
                "1 99999999999\n",
            })
        {
            Try([.. head.Select(c => (byte)c)], head);
        }
    }

    // All have one hash; a table that looks on until it finds a free place would take the square of their number.
    [TestMethod]
    public void Words_that_collide_take_no_longer_than_others()
    {
        byte[][] words = RandomModels.Colliding(16);
        long start = Stopwatch.GetTimestamp();
        byte[] file = RandomModels.Bytes(RandomModels.VectorsOf(words, maximum: 0));
        FastTextModel model = RandomModels.Load(file);
        var counter = new VocabularyCounter();
        foreach (byte[] word in words.Concat(words))
            counter.Add(word, SubwordHash.Of(word));
        for (int id = 0; id < words.Length; id++)
            Assert.AreEqual(id, model.Dictionary.Find(words[id]));
        Assert.IsLessThan(4, Stopwatch.GetElapsedTime(start).TotalSeconds);

        Assert.AreEqual(-1, model.Dictionary.Find([.. words[0], .. "x"u8]));
        Assert.AreEqual(words.Length, counter.Count);
        Assert.IsTrue(counter.Words.Entries().All(entry => entry.Count == 2));
        counter.Limit(2);
        counter.Add(words[^1], SubwordHash.Of(words[^1]));
        Assert.AreEqual(words.Length, counter.Count);
    }

    [TestMethod]
    public void The_later_of_two_words_of_one_name_is_found_among_words_that_collide()
    {
        byte[][] words = RandomModels.Colliding(8);
        FastTextModel model = RandomModels.VectorsOf([.. words, .. words], maximum: 0);
        for (int id = 0; id < words.Length; id++)
            Assert.AreEqual(words.Length + id, model.Dictionary.Find(words[id]));
        Assert.HasCount(words.Length, model.Words.Distinct().ToArray());
        Assert.HasCount(words.Length, model.Words);
    }

    // With 64 numbers for each letter it would be 256 bytes a letter.
    [TestMethod]
    public void Words_of_a_million_letters_take_the_memory_of_their_file()
    {
        byte[] file = RandomModels.Bytes(RandomModels.VectorsOf([Enumerable.Repeat((byte)'y', 1_000_000).ToArray(), "short"u8.ToArray()]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        FastTextModel model = RandomModels.Load(file);
        model.WordVectors.VectorOf(0);
        model.NearestNeighbors("short");
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsLessThan(10L * file.Length, allocated);
    }

    [TestMethod]
    [DataRow(10)]
    [DataRow(31)]
    [DataRow(33)]
    [DataRow(2000)]
    public void The_vector_of_a_long_word_is_the_mean_of_its_pieces(int letters)
    {
        byte[] word = [.. Enumerable.Range(0, letters).Select(i => (byte)('a' + (i % 26)))];
        FastTextModel model = RandomModels.VectorsOf(["short"u8.ToArray(), word], dimension: 3);
        string text = model.Words[1];
        int[] rows = [.. model.GetSubwords(text).Select(piece => piece.Row)];
        float[] mean = new float[3];
        model.Input.Mean(rows, mean);
        CollectionAssert.AreEqual(mean, model.GetWordVector(text));
        CollectionAssert.AreEqual(mean, model.WordVectors.VectorOf(1).ToArray());
        CollectionAssert.AreEqual(rows, model.Dictionary.Rows(1).ToArray());
        Assert.AreEqual(1, model.NearestNeighbors("short", 1)[0].Word == text ? 1 : 0);
        string unknown = text + "-";
        model.Input.Mean([.. model.GetSubwords(unknown).Select(piece => piece.Row)], mean);
        CollectionAssert.AreEqual(mean, model.GetWordVector(unknown));
    }

    [TestMethod]
    public void Buckets_that_pruning_left_are_found_whatever_their_numbers()
    {
        // All of them are equal modulo any size of a table up to their distance.
        PrunedBucket[] pairs = [.. Enumerable.Range(0, 20_000).Select(row => new PrunedBucket(row * 100_003, row))];
        var buckets = new PrunedBuckets(pairs);
        foreach (PrunedBucket pair in pairs)
            Assert.AreEqual(pair.Row, buckets.Find(pair.Bucket));
        Assert.AreEqual(-1, buckets.Find(1));
        Assert.AreEqual(-1, buckets.Find(int.MaxValue));
        Assert.AreEqual(-1, new PrunedBuckets([]).Find(0));
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
            Assert.HasCount(model.Words.Count, model.WordVectors.ToDictionary());
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
