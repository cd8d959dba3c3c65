using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers.Tests.Training;

/// <summary>Rows for batches, in memory and beyond it.</summary>
[TestClass]
public sealed class TrainingRowsTests
{
    private const int Size = 3 * 32 * 32;
    private const int Count = 120;  // 1 MiB holds 85 rows

    [TestMethod]
    [DataRow("numbers", 2)]
    [DataRow("class", 1)]
    [DataRow("inputs", 0)]
    public void Rows_in_a_file_are_drawn_as_those_in_memory(string kind, int targetSize)
    {
        using TrainingRows memory = Rows(512), file = Rows(1);
        int[] numbers = [.. Enumerable.Range(0, Count).Where(row => row % 3 > 0)];
        RowBatches fromMemory = new(memory, numbers, torch.CPU), fromFile = new(file, numbers, torch.CPU);
        Assert.AreEqual(fromMemory.Fingerprint(), fromFile.Fingerprint());
        Assert.AreNotEqual(fromMemory.Fingerprint(), new RowBatches(memory, numbers[1..], torch.CPU).Fingerprint());
        Assert.AreEqual(80, fromFile.Count);
        using DisposeScope scope = torch.NewDisposeScope();
        Batch expected = fromMemory.Draw([0, 79, 3], new Random(0)), drawn = fromFile.Draw([0, 79, 3], new Random(0));
        CollectionAssert.AreEqual(expected.Inputs.data<float>().ToArray(), drawn.Inputs.data<float>().ToArray());
        CollectionAssert.AreEqual((long[])[3, Size], drawn.Inputs.shape);
        CollectionAssert.AreEqual(Row(119), drawn.Inputs[1].data<float>().ToArray());
        if (kind == "class")
            CollectionAssert.AreEqual((long[])[1, 119, 5], drawn.Targets.data<long>().ToArray());
        else
            CollectionAssert.AreEqual(expected.Targets.data<float>().ToArray(), drawn.Targets.data<float>().ToArray());
        CollectionAssert.AreEqual(kind == "inputs" ? [3, Size] : kind == "class" ? [3] : (long[])[3, 2], drawn.Targets.shape);

        TrainingRows Rows(int mebibytes)
        {
            RowPart? targets = kind switch
            {
                "class" => RowPart.Class(TrainingRows.Targets),
                "numbers" => new(TrainingRows.Targets, targetSize),
                _ => null,
            };
            var rows = new TrainingRows(Size, targets, new CoordConvNetOptions { CacheMebibytes = mebibytes });
            for (int row = 0; row < Count; row++)
                rows.Add(Row(row), new float[] { row, row * row }.AsSpan(0, targetSize));
            return rows;
        }
    }

    [TestMethod]
    public void A_scale_is_that_of_all_rows()
    {
        using var rows = new TrainingRows(1, new(TrainingRows.Targets, 2), new CoordConvNetOptions());
        foreach (float value in (float[])[2, 4, 9])
            rows.Add([value], value + 1, 7);
        StandardScale inputs = rows.ScaleOf(TrainingRows.Inputs), targets = rows.ScaleOf(TrainingRows.Targets);
        CollectionAssert.AreEqual((double[])[5], inputs.Means);
        Assert.AreEqual(Math.Sqrt((9 + 1 + 16) / 3.0), inputs.Deviations[0], 1e-12);
        CollectionAssert.AreEqual((double[])[6, 7], targets.Means);
        Assert.AreEqual(1.0, targets.Deviations[1]);  // one that never changes keeps its unit
        rows.Scale(TrainingRows.Targets, targets);
        float[] input = new float[1], target = new float[2];
        rows.Read(2, TrainingRows.Inputs, input);
        rows.Read(2, TrainingRows.Targets, target);
        Assert.AreEqual(9f, input[0]);
        CollectionAssert.AreEqual(new float[] { (float)(4 / targets.Deviations[0]), 0 }, target);
    }

    // As an agent's: what it saw, did and got, in trajectories of unequal length, half of them beyond the memory.
    [TestMethod]
    public void Trajectories_stand_side_by_side_with_their_own_places_named()
    {
        const int Most = 8;
        using var rows = new TrainingRows([new("state", 2), RowPart.Class("action"), new("reward", 1)], Most * 4 * sizeof(float));
        for (int row = 0; row < 2 * Most; row++)
            rows.Add([row, -row], row % 3, 10 * row);
        var source = new SequenceBatches(rows, [(0, 3), (3, 1), (9, 5)], torch.CPU);
        using DisposeScope scope = torch.NewDisposeScope();
        Batch batch = source.Draw([2, 1], new Random(0));
        Assert.AreEqual(2L, batch.Count);
        CollectionAssert.AreEqual((long[])[2, 5, 2], batch["state"].shape);
        CollectionAssert.AreEqual((float[])[9, -9, 10, -10, 11, -11, 12, -12, 13, -13, 3, -3, 0, 0, 0, 0, 0, 0, 0, 0], batch["state"].data<float>().ToArray());
        CollectionAssert.AreEqual((long[])[0, 1, 2, 0, 1, 0, 0, 0, 0, 0], batch["action"].data<long>().ToArray());
        CollectionAssert.AreEqual((long[])[2, 5], batch["action"].shape);
        CollectionAssert.AreEqual((float[])[90, 100, 110, 120, 130, 30, 0, 0, 0, 0], batch["reward"].data<float>().ToArray());
        CollectionAssert.AreEqual(
            (bool[])[true, true, true, true, true, true, false, false, false, false], batch[SequenceBatches.Places].data<bool>().ToArray());
        Assert.AreNotEqual(source.Fingerprint(), new SequenceBatches(rows, [(0, 3), (3, 2), (9, 5)], torch.CPU).Fingerprint());
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => batch["next"]).Message, "state, action, reward, places");
    }

    [TestMethod]
    public void An_order_is_drawn_for_each_epoch_and_again_by_who_goes_on()
    {
        EpochOrder<int[]> Order() => new(seed: 5, stepsPerEpoch: 4, random => EpochOrder.Shuffled(50, random));
        EpochOrder<int[]> whole = Order(), resumed = Order();
        int[] first = whole.At(0).Order;
        Assert.AreSame(first, whole.At(3).Order);
        Assert.AreEqual(3L, whole.At(3).Step);
        CollectionAssert.AreNotEqual(first, whole.At(4).Order);
        Assert.AreEqual(1L, resumed.At(5).Step);
        CollectionAssert.AreEqual(whole.At(7).Order, resumed.At(7).Order);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 50).ToArray(), first);
    }

    [TestMethod]
    public void Windows_are_those_that_fit()
    {
        CollectionAssert.AreEqual(((int, int)[])[(4, 3), (6, 3)], SequenceBatches.Windows(4, 6, 3, 2).ToArray());
        Assert.IsEmpty(SequenceBatches.Windows(0, 2, 3));
    }

    [TestMethod]
    public void The_memory_for_rows_changes_nothing_in_a_model()
    {
        MemoryView rows = new(
            [
                MemoryColumn.Vectors("Image", [.. Enumerable.Range(0, Count).Select(Row)]),
                MemoryColumn.Vectors("Place", [.. Enumerable.Range(0, Count).Select(row => Row(row)[..2])]),
            ]);
        CollectionAssert.AreEqual(Features(512), Features(1));

        float[] Features(int mebibytes)
        {
            CoordConvFeaturizerOptions options = new()
            {
                LabelColumnName = "Place",
                ImageShape = new(3, 32, 32),
                Filters = 2,
                FeatureCount = 4,
                Epochs = 1,
                ValidationFraction = 0.2,
                CacheMebibytes = mebibytes,
            };
            using CoordConvFeaturizerTransformer model = new MLContext(seed: 1).Transforms.FeaturizeImageWithCoordConv("Features", "Image", options).Fit(rows);
            return [.. model.Transform(rows).GetColumn<float[]>("Features").SelectMany(values => values)];
        }
    }

    private static float[] Row(int row)
    {
        var random = new Random(row);
        return [.. Enumerable.Range(0, Size).Select(_ => random.NextSingle())];
    }
}
