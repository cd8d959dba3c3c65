using System.Text;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>What is damaged or foreign is refused, in words, and without first allocating what it claims to be.</summary>
[TestClass]
public sealed class ModelReaderTests
{
    private const byte Single = (byte)BlockType.Single;

    [TestMethod]
    public void Another_kind_of_file_is_refused() =>
        AssertRefused(new ForgedModel(magic: "PK\u0003\u0004").Ended(), "The model does not begin with the magic number of MLNet.Papers.");

    [TestMethod]
    public void A_newer_version_is_refused() =>
        AssertRefused(new ForgedModel(version: 2).Ended(), "The model has format version 2; this version of MLNet.Papers reads 1 to 1.");

    [TestMethod]
    [DataRow(0)]
    [DataRow(-1)]
    [DataRow(int.MinValue)]
    public void A_version_that_never_was_is_refused(int version) =>
        AssertRefused(new ForgedModel(version: version).Ended(), $"The model has format version {version}; this version of MLNet.Papers reads 1 to 1.");

    [TestMethod]
    public void An_empty_file_is_refused() => AssertRefused([], "The model is cut short in the magic number.");

    [TestMethod]
    public void A_model_without_an_end_is_refused() =>
        AssertRefused(new ForgedModel().Block("weights", Single, [1], new byte[4]).Open(), "The model is cut short in block 1.");

    [TestMethod]
    public void A_model_that_lost_a_block_is_refused() =>
        AssertRefused(new ForgedModel().Block("weights", Single, [1], new byte[4]).Ended(blocks: 2), "The model ends after 1 blocks, but was written with 2.");

    [TestMethod]
    public void Two_blocks_of_one_name_are_refused() =>
        AssertRefused(
            new ForgedModel().Block("weights", Single, [1], new byte[4]).Block("weights", Single, [1], new byte[4]).Ended(),
            "The model has two blocks 'weights'.");

    [TestMethod]
    public void Bytes_after_the_end_are_refused() =>
        AssertRefused([.. new ForgedModel().Ended(), 1, 2, 3], "The model is followed by 3 bytes that do not belong to it.");

    [TestMethod]
    public void A_block_longer_than_the_file_is_refused_before_it_is_allocated() =>
        AssertRefused(
            new ForgedModel().Block("weights", Single, [1L << 30], new byte[16], claimed: 4L << 30).Ended(),
            // its data 16 and checksum 8; the end block's length 4, head 11, data 8 and checksum 8
            "Block 'weights' claims 4294967296 bytes, but the model has only 55 left.");

    [TestMethod]
    public void A_block_whose_length_is_not_that_of_its_shape_is_refused() =>
        AssertRefused(new ForgedModel().Block("weights", Single, [3], new byte[16]).Ended(), "Block 'weights' has 16 bytes, but its shape needs 12.");

    [TestMethod]
    public void A_negative_dimension_is_refused() =>
        AssertRefused(new ForgedModel().Block("weights", Single, [-1, -4], new byte[16]).Ended(), "Block 'weights' has the dimension -1.");

    [TestMethod]
    public void A_shape_that_runs_over_is_refused()
    {
        // 2^32 * 2^32 elements are 0 modulo 2^64, and 2^62 elements of 4 bytes likewise.
        AssertRefused(new ForgedModel().Block("weights", Single, [1L << 32, 1L << 32], []).Ended(), Overflow);
        AssertRefused(new ForgedModel().Block("weights", Single, [1L << 62], []).Ended(), Overflow);
    }

    private const string Overflow = "The head of block 0 is not valid: Arithmetic operation resulted in an overflow.";

    [TestMethod]
    [DataRow((byte)7)]
    [DataRow((byte)15)]
    [DataRow((byte)255)]
    public void A_type_that_does_not_exist_is_refused(byte type) =>
        AssertRefused(new ForgedModel().Block("weights", type, [4], new byte[4]).Ended(), "The head of block 0 is not valid.");

    [TestMethod]
    public void A_rank_above_8_is_refused() =>
        AssertRefused(new ForgedModel().Block("weights", Single, [.. Enumerable.Repeat(1L, 9)], new byte[4]).Ended(), "The head of block 0 is not valid.");

    [TestMethod]
    public void A_name_above_256_characters_is_refused() =>
        AssertRefused(new ForgedModel().Block(new string('x', 257), Single, [1], new byte[4]).Ended(), "The head of block 0 is not valid.");

    [TestMethod]
    public void A_head_with_bytes_to_spare_is_refused() =>
        AssertRefused(new ForgedModel().Block("weights", Single, [1], new byte[4], headRest: [0]).Ended(), "The head of block 'weights' is too long.");

    [TestMethod]
    [DataRow(-1)]
    [DataRow(0)]
    [DataRow(10)]
    [DataRow(1104)]  // 5 + 4 * 256 + 2 + 8 * 8 + 8 = 1103 are the most
    [DataRow(int.MaxValue)]
    public void A_head_of_an_impossible_length_is_refused(int length) =>
        AssertRefused(
            new ForgedModel().Raw(BitConverter.GetBytes(length)).Raw(new byte[2000]).Open(),
            $"The head of block 0 claims {length} bytes; 11 to 1103 are possible.");

    [TestMethod]
    public void A_head_that_is_no_head_is_refused()
    {
        AssertRefused(new ForgedModel().Head([.. Enumerable.Repeat((byte)0xFF, 20)], []).Ended());   // a length of the name without an end
        AssertRefused(new ForgedModel().Head([50, .. new byte[19]], []).Ended());                    // a name longer than the head
        AssertRefused(new ForgedModel().Head([2, 0xC3, 0x28, .. new byte[19]], []).Ended());         // a name that is no UTF-8
        AssertRefused(new ForgedModel().Head([1, (byte)'x', 1, 3, .. new byte[8]], []).Ended());     // fewer dimensions than the rank
    }

    [TestMethod]
    public void A_missing_block_is_named() =>
        AssertRefused(reader => reader.Read<float>("bias", 1), "The model has no block 'bias'.");

    [TestMethod]
    public void A_block_of_another_type_is_named()
    {
        AssertRefused(reader => reader.Read<double>("weights", 2, 3), "Block 'weights' holds Single, but must hold Double.");
        AssertRefused(reader => reader.ReadJson<string>("weights"), "Block 'weights' holds Single, but must hold Json.");
        AssertRefused(reader => reader.Read<byte>("options", -1), "Block 'options' holds Json, but must hold Byte.");
    }

    [TestMethod]
    public void A_block_of_another_shape_is_named()
    {
        AssertRefused(reader => reader.Read<float>("weights", 3, 2), "Block 'weights' has the shape [2, 3], but must have [3, 2].");
        AssertRefused(reader => reader.Read<float>("weights", 6), "Block 'weights' has the shape [2, 3], but must have [6].");
        AssertRefused(reader => reader.Read<float>("weights"), "Block 'weights' has the shape [2, 3], but must have [].");
        AssertRefused(reader => reader.Read<float>("weights", -1, 2), "Block 'weights' has the shape [2, 3], but must have [-1, 2].");
    }

    [TestMethod]
    public void A_block_that_nobody_asked_for_is_named() => AssertRefused(
        reader =>
        {
            reader.ReadJson<ModelRoundTripTests.Pair>("options");
            reader.End();
        },
        "The model has a block 'weights' that this version of MLNet.Papers does not know.");

    [TestMethod]
    [DataRow("""{"Text":"x","Numbers":[],"Colour":1}""", "an unknown property")]
    [DataRow("""{"text":"x","Numbers":[]}""", "a property in other letters")]
    [DataRow("""{"Text":null,"Numbers":[]}""", "null where none may be")]
    [DataRow("""{"Text":"x"}""", "a property that is missing")]
    [DataRow("{}", "no properties")]
    [DataRow("null", "null")]
    [DataRow("[]", "another kind of value")]
    [DataRow("""{"Text":"x","Numbers":["1"]}""", "another type of element")]
    [DataRow("""{"Text":"x","Numbers":[NaN]}""", "a number that is none")]
    [DataRow("""{"Text":"x","Numbers":[]} {}""", "more than one value")]
    [DataRow("""{"Text":"x","Numbers":[]""", "half a value")]
    [DataRow("""{"Text":"x","Numbers":[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]}""", "too deep nesting")]
    [DataRow("", "nothing")]
    [DataRow("\u0000", "no JSON")]
    public void JSON_that_is_not_such_an_object_is_refused(string json, string what)
    {
        var reader = new ModelReader(new MemoryStream(new ForgedModel().Json("options", json).Ended()));
        var exception = Assert.ThrowsExactly<FormatException>(() => reader.ReadJson<ModelRoundTripTests.Pair>("options"), what);
        StringAssert.StartsWith(exception.Message, "Block 'options' is ", StringComparison.Ordinal);
    }

    [TestMethod]
    public void JSON_that_is_no_UTF_8_is_refused()
    {
        byte[] bytes = Encoding.Latin1.GetBytes("{\"Text\":\"x\u00C3(\",\"Numbers\":[]}");  // C3 is the first of two bytes, and "(" is no second
        var reader = new ModelReader(new MemoryStream(new ForgedModel().Block("options", (byte)BlockType.Json, [bytes.Length], bytes).Ended()));
        Assert.ThrowsExactly<FormatException>(() => reader.ReadJson<ModelRoundTripTests.Pair>("options"));
    }

    [TestMethod]
    public void A_model_cut_short_anywhere_is_refused()
    {
        byte[] model = Small();
        for (int length = 0; length < model.Length; length++)
            AssertRefused(model[..length]);
        ReadAll(model);
    }

    [TestMethod]
    public void A_model_with_any_bit_flipped_is_refused()
    {
        byte[] model = Small();
        for (int place = 0; place < model.Length; place++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] damaged = [.. model];
                damaged[place] ^= (byte)(1 << bit);
                AssertRefused(damaged);
            }
        }
    }

    private static byte[] Small() => ModelRoundTripTests.Bytes(writer =>
    {
        writer.WriteJson("options", new ModelRoundTripTests.Pair("x", [1]));
        writer.Write<float>("weights", [1, 2, 3, 4, 5, 6], 2, 3);
    });

    private static void ReadAll(byte[] model)
    {
        var reader = new ModelReader(new MemoryStream(model));
        reader.ReadJson<ModelRoundTripTests.Pair>("options");
        reader.Read<float>("weights", 2, 3);
        reader.End();
    }

    private static void AssertRefused(Action<ModelReader> read, string message)
    {
        var reader = new ModelReader(new MemoryStream(Small()));
        var exception = Assert.ThrowsExactly<FormatException>(() => read(reader));
        Assert.AreEqual(message, exception.Message);
    }

    private static void AssertRefused(byte[] model, string? message = null)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var exception = Assert.ThrowsExactly<FormatException>(() => ReadAll(model));
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before, "Too much was allocated.");
        if (message is not null)
            Assert.AreEqual(message, exception.Message);
    }
}
