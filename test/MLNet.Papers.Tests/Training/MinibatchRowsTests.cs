using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Networks;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Training;
using TorchSharp;

namespace MLNet.Papers.Tests.Training;

/// <summary>Rows for minibatches, in memory and beyond it.</summary>
[TestClass]
public sealed class MinibatchRowsTests
{
    private const int Size = 3 * 32 * 32;
    private const int Count = 120;  // 1 MiB holds 85 rows

    [TestMethod]
    [DataRow(TargetKind.Numbers, 2)]
    [DataRow(TargetKind.Class, 1)]
    [DataRow(TargetKind.Inputs, 0)]
    public void Rows_in_a_file_are_drawn_as_those_in_memory(object kind, int targetSize)
    {
        var targets = (TargetKind)kind;
        using MinibatchRows memory = Rows(512), file = Rows(1);
        int[] numbers = [.. Enumerable.Range(0, Count).Where(row => row % 3 > 0)];
        MinibatchBatches fromMemory = new(memory, numbers, torch.CPU), fromFile = new(file, numbers, torch.CPU);
        Assert.AreEqual(fromMemory.Hash(), fromFile.Hash());
        Assert.AreEqual(80, fromFile.Count);
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor expected, torch.Tensor expectedTargets) = fromMemory.Draw([0, 79, 3], new Random(0));
        (torch.Tensor inputs, torch.Tensor drawn) = fromFile.Draw([0, 79, 3], new Random(0));
        CollectionAssert.AreEqual(expected.data<float>().ToArray(), inputs.data<float>().ToArray());
        CollectionAssert.AreEqual((long[])[3, Size], inputs.shape);
        CollectionAssert.AreEqual(Row(119), inputs[1].data<float>().ToArray());
        if (targets == TargetKind.Class)
            CollectionAssert.AreEqual((long[])[1, 119, 5], drawn.data<long>().ToArray());
        else
            CollectionAssert.AreEqual(expectedTargets.data<float>().ToArray(), drawn.data<float>().ToArray());
        CollectionAssert.AreEqual(targets == TargetKind.Inputs ? [3, Size] : targets == TargetKind.Class ? [3] : (long[])[3, 2], drawn.shape);

        MinibatchRows Rows(int mebibytes)
        {
            var rows = new MinibatchRows(Size, targets, targetSize, new CoordConvNetOptions { CacheMebibytes = mebibytes });
            for (int row = 0; row < Count; row++)
                rows.Add(Row(row), new float[] { row, row * row }.AsSpan(0, targetSize));
            return rows;
        }
    }

    [TestMethod]
    public void A_scale_is_that_of_all_rows()
    {
        using var rows = new MinibatchRows(1, TargetKind.Numbers, 2, new CoordConvNetOptions());
        foreach (float value in (float[])[2, 4, 9])
            rows.Add([value], value + 1, 7);
        StandardScale inputs = rows.ScaleOfInputs(), targets = rows.ScaleOfTargets();
        CollectionAssert.AreEqual((double[])[5], inputs.Means);
        Assert.AreEqual(Math.Sqrt((9 + 1 + 16) / 3.0), inputs.Deviations[0], 1e-12);
        CollectionAssert.AreEqual((double[])[6, 7], targets.Means);
        Assert.AreEqual(1.0, targets.Deviations[1]);  // one that never changes keeps its unit
        rows.ScaleTargets(targets);
        float[] input = new float[1], target = new float[2];
        rows.ReadInputs(2, input);
        rows.ReadTargets(2, target);
        Assert.AreEqual(9f, input[0]);
        CollectionAssert.AreEqual(new float[] { (float)(4 / targets.Deviations[0]), 0 }, target);
    }

    [TestMethod]
    public void The_memory_for_rows_changes_nothing_in_a_model()
    {
        MemoryView rows = new([MemoryColumn.Vectors("Image", [.. Enumerable.Range(0, Count).Select(Row)]), MemoryColumn.Vectors("Place", [.. Enumerable.Range(0, Count).Select(row => Row(row)[..2])])]);
        CollectionAssert.AreEqual(Features(512), Features(1));

        float[] Features(int mebibytes)
        {
            CoordConvFeaturizerOptions options = new() { LabelColumnName = "Place", ImageShape = new(3, 32, 32), Filters = 2, FeatureCount = 4, Epochs = 1, ValidationFraction = 0.2, CacheMebibytes = mebibytes };
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
