using System.Runtime.InteropServices;
using System.Text;
using MLNet.Papers.Networks;
using MLNet.Papers.Persistence;

namespace MLNet.Papers.Tests.Persistence;

/// <summary>A record is saved by its members.</summary>
[TestClass]
public sealed class ModelStateTests
{
    private const string Values = """{"Name":"n","Note":null,"Distance":1,"Size":2,"Rows":3}""";

    private static readonly float[] Table = [1, 2, 3, 4, 5, 6];

    [TestMethod]
    public void Values_stand_in_one_block_and_all_else_in_blocks_of_its_own()
    {
        var state = new State("n", null, Distance.Cosine, 2, Table, new Point(7, 8), new Pair([1.5], [-2]), null, new Marker(9));
        byte[] expected = new ForgedModel()
            .Json("values", Values)
            .Block("table", (byte)BlockType.Single, [3, 2], MemoryMarshal.AsBytes<float>(Table).ToArray())
            .Json("point", """{"X":7,"Y":8}""")
            .Block("first half", (byte)BlockType.Double, [1], BitConverter.GetBytes(1.5))
            .Block("second", (byte)BlockType.Double, [1], BitConverter.GetBytes(-2.0))
            .Block("mark.number", (byte)BlockType.Int32, [1], BitConverter.GetBytes(9))
            .Ended();
        byte[] written = Write(state);
        Assert.AreEqual(Encoding.Latin1.GetString(expected), Encoding.Latin1.GetString(written));
        State read = Read<State>(new MemoryStream(written));
        Assert.AreEqual(state with { Table = read.Table, Pair = read.Pair }, read);
        CollectionAssert.AreEqual(state.Table, read.Table);
        CollectionAssert.AreEqual(state.Pair.First, read.Pair.First);
        CollectionAssert.AreEqual(state.Pair.Second, read.Pair.Second);
    }

    [TestMethod]
    public void A_member_that_may_be_null_comes_back()
    {
        var state = new State("n", "note", Distance.Cosine, 2, Table, new Point(7, 8), new Pair([1.5], [-2]), new Point(1, 2), new Marker(9));
        State read = Read<State>(new MemoryStream(Write(state)));
        Assert.AreEqual("note", read.Note);
        Assert.AreEqual(new Point(1, 2), read.Other);
    }

    /// <summary>Models that were saved before there was such a member stay readable.</summary>
    [TestMethod]
    public void A_value_with_a_default_may_be_missing()
    {
        var reader = new MemoryStream(new ForgedModel().Json("options", """{"Old":1}""").Ended());
        Assert.AreEqual(new Grown(1), Read<Grown>(reader));
        AssertRefused<Grown>(new ForgedModel().Json("options", """{"New":1}""").Ended(), "Block 'options' has no Old.");
    }

    [TestMethod]
    public void What_follows_the_blocks_is_read_and_nothing_else_may_follow()
    {
        byte[] written = Write(new Followed(new Tail([1, 2, 3])));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, Read<Followed>(new MemoryStream(written)).Tail.Bytes);
        AssertRefused<Followed>([.. written, 4], "The model is followed by 1 bytes that do not belong to it.");
        AssertRefused<Grown>([.. Write(new Grown(1)), 4], "The model is followed by 1 bytes that do not belong to it.");
    }

    [TestMethod]
    [DataRow("\"Name\":\"n\"", "\"Name\":null", "Block 'values' has no Name.")]
    [DataRow("\"Name\":\"n\",", "", "Block 'values' has no Name.")]
    [DataRow("\"Name\":\"n\"", "\"Name\":1", null)]
    [DataRow("\"Distance\":1", "\"Distance\":7", "Block 'values' names the distance 7.")]
    [DataRow("\"Size\":2", "\"Size\":1", "Block 'table' has the shape [3, 2], but must have [6, 1].")]
    [DataRow("\"Size\":2", "\"Size\":null", null)]
    [DataRow("\"Rows\":3", "\"Rows\":4", "Block 'values' does not have Rows = 3, which the other blocks say.")]
    [DataRow(",\"Rows\":3", "", "Block 'values' does not have Rows = 3, which the other blocks say.")]
    [DataRow("\"Rows\":3", "\"Rows\":3,\"Colour\":1", "Block 'values' has a 'Colour' that this version of MLNet.Papers does not know.")]
    [DataRow("\"Name\":\"n\"", "\"Name\":\"\"", "Block 'values' has an empty name.")]
    public void Values_that_cannot_be_are_refused(string original, string forged, string? message)
    {
        StringAssert.Contains(Values, original, StringComparison.Ordinal);
        AssertRefused<State>(Forged(Values.Replace(original, forged, StringComparison.Ordinal), halves: 1), message);
    }

    [TestMethod]
    public void What_a_constructor_refuses_is_no_model() =>
        AssertRefused<State>(Forged(Values, halves: 2), "The blocks of 'first half' do not fit each other: The halves have 2 and 1 numbers.");

    [TestMethod]
    public void A_network_that_cannot_be_is_refused_before_its_weights_are_looked_at() => AssertRefused<Trained>(
        new ForgedModel().Json("architecture", """{"Input":{"Channels":1,"Height":1,"Width":1},"Layers":[]}""").Ended(),
        "Block 'architecture' describes no network: there are 0 layers.");

    private static byte[] Forged(string values, int halves) => new ForgedModel()
        .Json("values", values)
        .Block("table", (byte)BlockType.Single, [3, 2], new byte[24])
        .Json("point", """{"X":7,"Y":8}""")
        .Block("first half", (byte)BlockType.Double, [halves], new byte[8 * halves])
        .Block("second", (byte)BlockType.Double, [1], new byte[8])
        .Block("mark.number", (byte)BlockType.Int32, [1], new byte[4])
        .Ended();

    private static byte[] Write(IModelRecord state)
    {
        using var stream = new MemoryStream();
        ModelState.Write(stream, state);
        return stream.ToArray();
    }

    private static TState Read<TState>(Stream model)
        where TState : IModelRecord => (TState)ModelState.Read(model, typeof(TState));

    private static void AssertRefused<TState>(byte[] model, string? message)
        where TState : IModelRecord
    {
        FormatException error = Assert.ThrowsExactly<FormatException>(() => Read<TState>(new MemoryStream(model)));
        if (message is not null)
            Assert.AreEqual(message, error.Message);
    }

    [Block("values")]
    private sealed record State(
        string Name,
        string? Note,
        Distance Distance,
        int Size,
        [Dimensions(nameof(State.Rows), nameof(State.Size))] float[] Table,
        [Block] Point Point,
        Pair Pair,
        [Block("other")] Point? Other,
        [Block("mark")] Marker Marker) : IModelRecord
    {
        [Saved]
        public int Rows => Table.Length / Size;

        public string? FindFault() => Name.Length == 0 ? "Block 'values' has an empty name." : null;
    }

    private sealed record Point(int X, int Y);

    private sealed record Pair : IModelRecord
    {
        public Pair([Block("first half")] double[] first, double[] second)
        {
            if (first.Length != second.Length)
                throw new ArgumentException($"The halves have {first.Length} and {second.Length} numbers.");
            (First, Second) = (first, second);
        }

        public double[] First { get; }

        public double[] Second { get; }
    }

    private sealed record Marker(int Number) : IModelPart<Marker>
    {
        public void Write(ModelWriter writer, string block) => writer.Write<int>($"{block}.number", [Number], 1);

        public static Marker Read(ModelReader reader, string block) => new(reader.Read<int>($"{block}.number", 1)[0]);
    }

    private sealed record Grown(int Old, int New = 5) : IModelRecord;

    private sealed record Followed(Tail Tail) : IModelRecord;

    private sealed record Tail(byte[] Bytes) : IModelPart<Tail>
    {
        public void Write(ModelWriter writer, string block) => writer.Follow(stream => stream.Write(Bytes));

        public static Tail Read(ModelReader reader, string block)
        {
            byte[] bytes = new byte[3];
            reader.Rest.ReadExactly(bytes);
            return new(bytes);
        }
    }

    private sealed record Trained([Block] LayeredArchitecture Architecture, NetworkWeights Weights) : IModelRecord;
}
