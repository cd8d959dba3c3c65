using Microsoft.ML;
using MLNet.Papers.CoordConv;
using MLNet.Papers.Images;
using MLNet.Papers.Interop;
using MLNet.Papers.Layers;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;
using MLNet.Papers.Tests.Contract;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>
/// Small files whose networks need much memory: what a row needs is known in 64 bits before anything is allocated, and a batch takes as many rows as fit.
/// </summary>
[TestClass]
public sealed class HostileSizesTests
{
    private const long Mebibyte = 1 << 20;

    /// <summary>The sizes of one layer wrap around in 32 bits: 2,050 × 2,050 × 1,024 values.</summary>
    [TestMethod]
    public void A_featurizer_whose_sizes_wrap_is_refused()
    {
        byte[] file = Featurizer(new(1, 4096, 4096), filters: 1024, blocks: 6);
        FormatException error = Assert.ThrowsExactly<FormatException>(() => Read<CoordConvFeaturizerTransformer>(file));
        StringAssert.Contains(error.Message, "GiB", StringComparison.Ordinal);
    }

    /// <summary>One filter of a large image, which the kernel pads to a whole register.</summary>
    [TestMethod]
    public void A_student_whose_padding_is_too_large_is_refused()
    {
        var architecture = new LayeredArchitecture
        {
            Input = new(1, 8192, 8192),
            Layers = [new Convolution(1, 3), new MaximumPooling(), new Rectifier(), new MaximumPooling(), new GlobalMean(), new Dense(2)],
        };
        byte[] file = Written(new BinaryDistillationTransformer.State(new FeatureColumn("Features", architecture.Input), architecture, Zeros(architecture)));
        Assert.ThrowsExactly<FormatException>(() => Read<BinaryDistillationTransformer>(file));
    }

    [TestMethod]
    public void Large_pictures_are_scored_in_small_batches()
    {
        ImageShape shape = new(3, 2048, 2048);
        using CoordConvFeaturizerTransformer model = Read<CoordConvFeaturizerTransformer>(Featurizer(shape, filters: 32, blocks: 4));
        float[] picture = [.. Enumerable.Repeat(0.5f, shape.Size)];
        var rows = new MemoryView([MemoryColumn.Vectors("Image", [picture, picture, picture])]);
        AssertAllocates(900 * Mebibyte, () => Assert.AreEqual(3, Count(model, rows, "Features")));
    }

    [TestMethod]
    public void A_view_of_three_rows_does_not_pay_for_a_whole_batch()
    {
        var architecture = new LayeredArchitecture { Input = new(100_000, 1, 1), Layers = [new Dense(2)] };
        byte[] file = Written(new BinaryDistillationTransformer.State(new FeatureColumn("Features", null), architecture, Zeros(architecture)));
        using BinaryDistillationTransformer model = Read<BinaryDistillationTransformer>(file);
        float[] row = new float[100_000];
        var rows = new MemoryView([MemoryColumn.Vectors("Features", [row, row, row])]);
        AssertAllocates(24 * Mebibyte, () => Assert.AreEqual(3, Count(model, rows, "Score")));
    }

    /// <summary>Two units of many inputs: padded to a whole register, the weights would take 8 or 16 times their memory.</summary>
    [TestMethod]
    public void Few_units_of_many_inputs_are_not_padded()
    {
        const int Inputs = 4_000_000;
        var architecture = new LayeredArchitecture { Input = new(Inputs, 1, 1), Layers = [new Dense(2)] };
        byte[] file = Written(new BinaryDistillationTransformer.State(new FeatureColumn("Features", null), architecture, Zeros(architecture)));
        using BinaryDistillationTransformer model = Read<BinaryDistillationTransformer>(file);
        var rows = new MemoryView([MemoryColumn.Vectors("Features", [new float[Inputs]])]);
        AssertAllocates(150 * Mebibyte, () => Assert.AreEqual(1, Count(model, rows, "Score")));
    }

    /// <summary>What is kept of the input for the length of a batch is bounded too.</summary>
    [TestMethod]
    public void Large_columns_that_pass_through_end_a_batch()
    {
        var architecture = new LayeredArchitecture { Input = new(4, 1, 1), Layers = [new Dense(2)] };
        byte[] file = Written(new BinaryDistillationTransformer.State(new FeatureColumn("Features", null), architecture, Zeros(architecture)));
        using BinaryDistillationTransformer model = Read<BinaryDistillationTransformer>(file);
        float[] large = new float[4 << 20];
        var rows = new MemoryView([
            MemoryColumn.Vectors("Features", [.. Enumerable.Repeat(new float[4], 100)]), MemoryColumn.Vectors("Picture", [.. Enumerable.Repeat(large, 100)])]);
        AssertAllocates(300 * Mebibyte, () =>
        {
            IDataView scored = model.Transform(rows);
            using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
            while (cursor.MoveNext())
            {
            }
        });
    }

    /// <summary>Filters enough that their sum is no number of 32 bits.</summary>
    [TestMethod]
    public void Filters_whose_sum_wraps_are_a_fault()
    {
        var architecture = new MLNet.Papers.Elmo.ElmoArchitecture
        {
            MaxCharacters = 10,
            CharacterSize = 4,
            FilterWidths = [.. Enumerable.Repeat(1, 40_000)],
            FilterCounts = [.. Enumerable.Repeat(1 << 16, 40_000)],
            Highways = 0,
            ProjectionSize = 4,
            CellSize = 4,
            Layers = 1,
        };
        Assert.IsNotNull(architecture.FindFault());
        Assert.IsNotNull((architecture with { FilterWidths = [1], FilterCounts = [4], ProjectionSize = 1 << 16, CellSize = 1 << 16, Layers = 16 }).FindFault());
    }

    [TestMethod]
    public void Layers_that_no_memory_holds_are_a_fault() =>
        Assert.IsNotNull(new MLNet.Papers.CoVe.EncoderArchitecture { EmbeddingSize = 4, HiddenSize = 1 << 16, Layers = 16 }.FindFault());

    private static byte[] Featurizer(ImageShape shape, int filters, int blocks)
    {
        var architecture = new FeaturizerArchitecture
        {
            Convolution = new()
            {
                InputSize = shape.Size,
                ImageShape = shape,
                Filters = filters,
                Blocks = blocks,
                Coordinates = true,
                Normalization = Normalization.Batch,
            },
            Features = 1,
        };
        return Written(new CoordConvFeaturizerTransformer.State("Features", "Image", architecture, Zeros(architecture)));
    }

    private static NetworkWeights Zeros(INetworkArchitecture architecture) => NetworkWeights.Of(
        architecture,
        architecture.Weights().ToDictionary(weight => weight.Name, weight => new float[weight.Shape.Aggregate(1L, (product, length) => product * length)]));

    private static byte[] Written(IModelRecord state)
    {
        using var stream = new MemoryStream();
        ModelState.Write(stream, state);
        return stream.ToArray();
    }

    private static TModel Read<TModel>(byte[] file)
        where TModel : class, IPersistentModel<TModel> => TModel.Read(Host.EnvironmentOf(new MLContext(seed: 1).Transforms), new MemoryStream(file));

    private static int Count(ITransformer model, IDataView rows, string column)
    {
        IDataView scored = model.Transform(rows);
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema[column]]);
        int count = 0;
        while (cursor.MoveNext())
            count++;
        return count;
    }

    // Also by other threads: nothing else runs beside a test.
    private static void AssertAllocates(long most, Action action)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        action();
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.IsLessThanOrEqualTo(most, allocated);
    }
}
