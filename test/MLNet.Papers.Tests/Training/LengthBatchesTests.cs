using MLNet.Papers.Training;

namespace MLNet.Papers.Tests.Training;

/// <summary>Batches of items of about one length.</summary>
[TestClass]
public sealed class LengthBatchesTests
{
    [TestMethod]
    public void Each_epoch_has_every_item_once_in_batches_of_even_size()
    {
        int[] lengths = Lengths(103);
        var batches = new LengthBatches(lengths, 16, seed: 5);
        Assert.AreEqual(7, batches.Count);
        int[][] first = Epoch(batches, 0), second = Epoch(batches, 1);
        foreach (int[][] epoch in (int[][][])[first, second])
        {
            CollectionAssert.AreEqual(Enumerable.Range(0, 103).ToArray(), epoch.SelectMany(batch => batch).Order().ToArray());
            Assert.IsTrue(epoch.All(batch => batch.Length is 14 or 15));
        }

        CollectionAssert.AreNotEqual(first.SelectMany(batch => batch).ToArray(), second.SelectMany(batch => batch).ToArray());
        // A training that goes on in another process draws the same.
        CollectionAssert.AreEqual(second[2], new LengthBatches(lengths, 16, seed: 5).At(7 + 2));
    }

    [TestMethod]
    public void Little_is_padded()
    {
        int[] lengths = Lengths(5_000);
        double sorted = Padding(Epoch(new LengthBatches(lengths, 32, seed: 1), 0), lengths), shuffled = Padding([.. Shuffled(5_000).Chunk(32)], lengths);
        Assert.IsTrue(sorted < 0.15, $"{sorted}");
        Assert.IsTrue(shuffled > 0.4, $"{shuffled}");

        static double Padding(int[][] batches, int[] lengths) =>
            1 - (lengths.Sum() / (double)batches.Sum(batch => batch.Length * batch.Max(item => lengths[item])));
    }

    [TestMethod]
    public void Batches_in_order_have_every_item_once()
    {
        int[] lengths = Lengths(50);
        int[][] batches = [.. LengthBatches.InOrder(lengths, 16)];
        CollectionAssert.AreEqual(Enumerable.Range(0, 50).ToArray(), batches.SelectMany(batch => batch).Order().ToArray());
        int[] drawn = [.. batches.SelectMany(batch => batch).Select(item => lengths[item])];
        CollectionAssert.AreEqual(drawn.Order().ToArray(), drawn);
    }

    private static int[][] Epoch(LengthBatches batches, int epoch) =>
        [.. Enumerable.Range(epoch * batches.Count, batches.Count).Select(step => batches.At(step))];

    private static int[] Lengths(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(_ => 2 + (int)(60 * Math.Pow(random.NextDouble(), 2)))];
    }

    private static int[] Shuffled(int count) => EpochOrder.Shuffled(count, new Random(4));
}
