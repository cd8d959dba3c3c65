using MLNet.Papers.Series;
using MLNet.Papers.Training;
using static TorchSharp.torch;

namespace MLNet.Papers.Tests.Series;

/// <summary>Series of unequal lengths in batches.</summary>
[TestClass]
public sealed class SeriesRowsTests : TensorTests
{
    private const int Count = 200;
    private const int Batches = 25;

    [TestMethod]
    public void A_batch_has_series_of_about_one_length_and_an_epoch_has_all_of_them()
    {
        using SeriesRows rows = Rows();
        SeriesBatches batches = rows.Batches([.. Enumerable.Range(0, Count)], CPU);
        int[][] order = batches.Order(Batches, new Random(1));
        Assert.HasCount(Batches, order);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, Count).ToArray(), order.SelectMany(batch => batch).ToArray());
        double steps = Enumerable.Range(0, Count).Sum(LengthOf);
        double Padding(int[][] parts) => parts.Sum(part => part.Sum(row => part.Max(LengthOf) - LengthOf(row))) / steps;
        Assert.IsLessThan(0.1, Padding(order));
        Assert.IsGreaterThan(0.3, Padding([.. Enumerable.Range(0, Count).Chunk(Count / Batches)]), "In any order there is much padding.");
        CollectionAssert.AreEqual(order.SelectMany(batch => batch).ToArray(), batches.Order(Batches, new Random(1)).SelectMany(batch => batch).ToArray());
        CollectionAssert.AreNotEqual(order.SelectMany(batch => batch).ToArray(), batches.Order(Batches, new Random(2)).SelectMany(batch => batch).ToArray());
        bool isSorted = order.Select(batch => batch.Max(LengthOf)).SequenceEqual(order.Select(batch => batch.Max(LengthOf)).Order());
        Assert.IsFalse(isSorted, "The short series must not all come first.");
    }

    [TestMethod]
    public void A_batch_is_padded_with_zeros_behind_the_last_step()
    {
        using SeriesRows rows = Rows();
        Batch batch = rows.Batches([2, 0, 1], CPU).Draw([1, 2], new Random(1));  // series 0 of one step and 1 of eight
        CollectionAssert.AreEqual(new long[] { 2, 8, 2 }, batch.Inputs.shape);
        CollectionAssert.AreEqual(new long[] { 0, 7 }, batch[SeriesBatches.Last].data<long>().ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 100 }, batch.Targets.flatten().data<float>().ToArray());
        float[] first = batch.Inputs[0].contiguous().data<float>().ToArray(), second = batch.Inputs[1].contiguous().data<float>().ToArray();
        CollectionAssert.AreEqual(new float[] { 0.5f, 0.5f }, first[..2]);
        Assert.IsTrue(first[2..].All(value => value == 0));
        CollectionAssert.AreEqual(Enumerable.Repeat(1.5f, 16).ToArray(), second);
    }

    private static int LengthOf(int row) => 1 + (row * 7 % 40);

    // Row r has 1 + 7 r mod 40 steps, all of them r + 1/2, and the target 100 r.
    private static SeriesRows Rows()
    {
        var rows = new SeriesRows(new SeriesColumn("Series", Channels: 2), new(TrainingRows.Targets, 1), new JanetOptions(), () => { });
        for (int row = 0; row < Count; row++)
            rows.Add(Enumerable.Repeat(row + 0.5f, 2 * LengthOf(row)).ToArray(), 100 * row);
        return rows;
    }
}
