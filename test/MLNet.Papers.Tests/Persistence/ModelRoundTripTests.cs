using System.Runtime.InteropServices;
using CsCheck;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>What is written comes back.</summary>
[TestClass]
public sealed class ModelRoundTripTests
{
    [TestMethod]
    public void Numbers_of_every_type_come_back_bit_for_bit()
    {
        AssertComesBack([0f, -0f, 1.5f, float.Epsilon, float.MaxValue, float.NegativeInfinity, BitConverter.UInt32BitsToSingle(0x7FC0_1234)]);
        AssertComesBack([0d, -0d, 1.5d, double.Epsilon, double.MinValue, double.PositiveInfinity, BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_1234)]);
        AssertComesBack([0, -1, int.MinValue, int.MaxValue]);
        AssertComesBack([0u, 1u, uint.MaxValue]);
        AssertComesBack([0L, -1L, long.MinValue, long.MaxValue]);
        AssertComesBack([(byte)0, (byte)1, (byte)255]);
    }

    [TestMethod]
    public void An_empty_block_comes_back()
    {
        ModelReader reader = Written(writer =>
        {
            writer.Write<float>("none", [], 0);
            writer.Write<long>("no rows", [], 0, 5);
            writer.Write<byte>("no columns", [], 5, 0);
        });
        Assert.IsEmpty(reader.Read<float>("none", 0));
        Assert.IsEmpty(reader.Read<long>("no rows", -1, 5));
        Assert.IsEmpty(reader.Read<byte>("no columns", 5, 0));
        reader.End();
    }

    [TestMethod]
    public void A_model_without_blocks_comes_back() => Written(_ => { }).End();

    [TestMethod]
    public void Blocks_of_rank_0_to_8_come_back()
    {
        for (int rank = 0; rank <= 8; rank++)
        {
            long[] shape = [.. Enumerable.Repeat(2L, rank)];
            int[] values = [.. Enumerable.Range(0, 1 << rank)];
            ModelReader reader = Written(writer => writer.Write<int>("block", values, shape));
            CollectionAssert.AreEqual(values, reader.Read<int>("block", shape), $"rank {rank}");
        }
    }

    [TestMethod]
    public void Names_of_any_language_come_back()
    {
        string[] names = ["a", "a ", "ä", "가나다", "😀", new('x', 256), new('가', 256)];
        ModelReader reader = Written(writer =>
        {
            foreach ((int index, string name) in names.Index())
                writer.Write<int>(name, [index], 1);
        });
        foreach ((int index, string name) in names.Index())
            CollectionAssert.AreEqual(new[] { index }, reader.Read<int>(name, 1), name);
    }

    [TestMethod]
    public void An_object_comes_back_from_JSON()
    {
        var options = new Pair("ä \"quoted\" 가", [1.5, -0.0, double.Epsilon]);
        Pair back = Written(writer => writer.WriteJson("options", options)).ReadJson<Pair>("options");
        Assert.AreEqual(options.Text, back.Text);
        CollectionAssert.AreEqual(options.Numbers, back.Numbers);
    }

    [TestMethod]
    public void A_dimension_that_does_not_matter_is_minus_one()
    {
        ModelReader reader = Written(writer => writer.Write<int>("block", [1, 2, 3, 4, 5, 6], 2, 3));
        CollectionAssert.AreEqual(new[] { 1, 2, 3, 4, 5, 6 }, reader.Read<int>("block", -1, 3));
        CollectionAssert.AreEqual(new[] { 1, 2, 3, 4, 5, 6 }, reader.Read<int>("block", -1, -1));
    }

    [TestMethod]
    public void A_block_may_be_read_twice_and_in_any_order()
    {
        ModelReader reader = Written(writer =>
        {
            writer.Write<int>("first", [1], 1);
            writer.Write<int>("second", [2], 1);
        });
        Assert.AreEqual(2, reader.Read<int>("second", 1)[0]);
        Assert.AreEqual(1, reader.Read<int>("first", 1)[0]);
        Assert.AreEqual(1, reader.Read<int>("first", 1)[0]);
        reader.End();
    }

    [TestMethod]
    public void A_model_may_begin_in_the_middle_of_a_stream()
    {
        byte[] model = Bytes(writer => writer.Write<int>("block", [7], 1));
        using var stream = new MemoryStream([1, 2, 3, .. model]);
        stream.Position = 3;
        Assert.AreEqual(7, new ModelReader(stream).Read<int>("block", 1)[0]);
    }

    [TestMethod]
    public void Whatever_blocks_are_written_come_back()
    {
        Gen<(string Name, int Type, int[] Shape, int Seed)> block = Gen.Select(
            Gen.String[0, 20].Select(name => name + "."), Gen.Int[0, 5], Gen.Int[0, 4].Array[0, 4], Gen.Int[0, 1000]);
        block.Array[0, 6].Sample(
            blocks =>
            {
                (string Name, int Type, int[] Shape, int Seed)[] unique = [.. blocks.DistinctBy(candidate => candidate.Name)];
                ModelReader reader = Written(writer =>
                {
                    foreach ((string name, int type, int[] shape, int seed) in unique)
                        Dispatch(type, new Writing(writer, name, [.. shape.Select(dimension => (long)dimension)], seed));
                });
                foreach ((string name, int type, int[] shape, int seed) in unique)
                    Dispatch(type, new Checking(reader, name, [.. shape.Select(dimension => (long)dimension)], seed));
                reader.End();
            },
            iter: 500, threads: 1);
    }

    [TestMethod]
    public void The_bytes_are_those_of_the_format()
    {
        byte[] written = Bytes(writer =>
        {
            writer.WriteJson("options", new Pair("x", []));
            writer.Write<float>("weights", [1, 2, 3, 4, 5, 6], 2, 3);
        });
        byte[] expected = new ForgedModel()
            .Json("options", """{"Text":"x","Numbers":[]}""")
            .Block("weights", type: 1, [2, 3], MemoryMarshal.AsBytes<float>([1, 2, 3, 4, 5, 6]).ToArray())
            .Ended();
        CollectionAssert.AreEqual(expected, written);
    }

    [TestMethod]
    public void The_numbers_of_the_types_never_change()
    {
        (BlockType Type, int Number)[] numbers =
            [
                (BlockType.End, 0), (BlockType.Single, 1), (BlockType.Double, 2), (BlockType.Int32, 3), (BlockType.Int64, 4), (BlockType.Byte, 5),
                (BlockType.UInt32, 6), (BlockType.Json, 16),
            ];
        CollectionAssert.AreEqual(numbers, Enum.GetValues<BlockType>().Select(type => (type, (int)type)).ToArray());
    }

    [TestMethod]
    public void A_block_whose_shape_does_not_fit_is_not_written()
    {
        var writer = new ModelWriter(new MemoryStream());
        var exception = Assert.ThrowsExactly<ArgumentException>(() => writer.Write<float>("weights", [1, 2, 3], 2, 2));
        StringAssert.StartsWith(exception.Message, "Block 'weights' has 3 elements, but its shape has 4.", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_block_of_a_type_without_a_number_is_not_written()
    {
        var writer = new ModelWriter(new MemoryStream());
        var exception = Assert.ThrowsExactly<NotSupportedException>(() => writer.Write<short>("weights", [1], 1));
        Assert.AreEqual("A model has no blocks of System.Int16.", exception.Message);
    }

    internal static byte[] Bytes(Action<ModelWriter> write)
    {
        using var stream = new MemoryStream();
        var writer = new ModelWriter(stream);
        write(writer);
        writer.End();
        return stream.ToArray();
    }

    private static ModelReader Written(Action<ModelWriter> write) => new(new MemoryStream(Bytes(write)));

    private static void AssertComesBack<T>(T[] values)
        where T : unmanaged
    {
        ModelReader reader = Written(writer => writer.Write<T>("block", values, values.Length));
        byte[] expected = MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        CollectionAssert.AreEqual(expected, MemoryMarshal.AsBytes(reader.Read<T>("block", values.Length).AsSpan()).ToArray(), typeof(T).Name);
    }

    private static void Dispatch(int type, IOperation operation)
    {
        Action run = type switch
        {
            0 => operation.Run<float>,
            1 => operation.Run<double>,
            2 => operation.Run<int>,
            3 => operation.Run<uint>,
            4 => operation.Run<long>,
            _ => operation.Run<byte>,
        };
        run();
    }

    private static T[] Values<T>(long[] shape, int seed)
        where T : unmanaged
    {
        var values = new T[shape.Aggregate(1L, (product, dimension) => product * dimension)];
        new Random(seed).NextBytes(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    internal sealed record Pair(string Text, double[] Numbers);

    private interface IOperation
    {
        void Run<T>()
            where T : unmanaged;
    }

    private sealed class Writing(ModelWriter writer, string name, long[] shape, int seed) : IOperation
    {
        public void Run<T>()
            where T : unmanaged => writer.Write<T>(name, Values<T>(shape, seed), shape);
    }

    private sealed class Checking(ModelReader reader, string name, long[] shape, int seed) : IOperation
    {
        public void Run<T>()
            where T : unmanaged => CollectionAssert.AreEqual(
                MemoryMarshal.AsBytes(Values<T>(shape, seed).AsSpan()).ToArray(),
                MemoryMarshal.AsBytes(reader.Read<T>(name, shape).AsSpan()).ToArray());
    }
}
