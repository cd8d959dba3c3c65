using MLNet.Papers.Onnx;

namespace MLNet.Papers.Tests.Onnx;

[TestClass]
public sealed class OnnxFileTests
{
    [TestMethod]
    public void Weights_beyond_two_gigabytes_are_refused_before_anything_is_written()
    {
        using var stream = new MemoryStream();
        var failure = Assert.ThrowsExactly<InvalidOperationException>(() => new OnnxFile(Heavy(1 << 14, (1 << 15) + 1)).Write(stream));
        // 2^14 * (2^15 + 1) numbers of 4 bytes, and what stands around them.
        Assert.Contains("As ONNX the model would have 2147549", failure.Message);
        Assert.Contains("can have at most 2147483647 (2 GiB)", failure.Message);
        Assert.AreEqual(0, stream.Length);
    }

    [TestMethod]
    public void The_limit_is_that_of_the_whole_file()
    {
        const int Rows = 1 << 13;
        long around = new OnnxFile(Heavy(Rows, 1 << 15)).Size - (4L * Rows * (1 << 15));
        Assert.IsInRange(100L, 400L, around);
        var allowed = new OnnxFile(Heavy(1, (int)((OnnxFile.MostBytes - around) / 4) - 4));
        Assert.IsLessThanOrEqualTo(OnnxFile.MostBytes, allowed.Size);
        Assert.ThrowsExactly<InvalidOperationException>(() => new OnnxFile(Heavy(1, (int)((OnnxFile.MostBytes - around) / 4) + 16)));
    }

    [TestMethod]
    public void A_file_has_the_size_that_was_announced()
    {
        using var stream = new MemoryStream();
        var file = new OnnxFile(Sum([1, 2, 3], "Features", "Score"));
        file.Write(stream);
        Assert.AreEqual(stream.Length, file.Size);
        Assert.IsTrue(stream.CanWrite, "The stream must stay open.");
    }

    [TestMethod]
    public void An_output_of_the_name_of_the_input_is_told_apart()
    {
        using var model = new OnnxModel(Sum([1, 2, 3], "Features", "Features"));
        CollectionAssert.AreEqual(new[] { "Features" }, model.Inputs.ToArray());
        CollectionAssert.AreEqual(new[] { "Features.output" }, model.Outputs.ToArray());
        OnnxTensors result = model.Score([new("Features", new float[] { 10, 20, 30 }, [1, 3])])["Features.output"];
        CollectionAssert.AreEqual(new float[] { 11, 22, 33 }, (float[])result.Values);
    }

    [TestMethod]
    public void Columns_may_have_names_of_weights_and_operators()
    {
        using var model = new OnnxModel(Sum([1, 2], "/Add", "/weight.output"));
        OnnxTensors result = model.Score([new("/Add", new float[] { 1, 1, 2, 2 }, [2, 2])])["/weight.output"];
        CollectionAssert.AreEqual(new float[] { 2, 3, 3, 4 }, (float[])result.Values);
    }

    [TestMethod]
    public void A_weight_of_another_length_than_its_shape_is_found()
    {
        var graph = new OnnxGraph();
        OnnxValue rows = graph.Input("Features", OnnxType.Single, OnnxGraph.Batch, 2);
        graph.Output("Score", graph.Add(rows, graph.Weight("bias", [2], () => new float[3])), OnnxGraph.Batch, 2);
        var failure = Assert.ThrowsExactly<InvalidOperationException>(() => new OnnxFile(graph).Write(Stream.Null));
        Assert.AreEqual("The weight '/bias' has 12 bytes, but its shape has 8.", failure.Message);
    }

    // Nobody asks for the numbers: there is no memory for them.
    private static OnnxGraph Heavy(int rows, int columns)
    {
        var graph = new OnnxGraph();
        OnnxValue input = graph.Input("Features", OnnxType.Single, OnnxGraph.Batch, rows);
        graph.Output("Score", graph.MatrixProduct(input,
            graph.Weight("weight", [rows, columns], () => throw new AssertFailedException("The numbers must not be asked for."))), OnnxGraph.Batch, columns);
        return graph;
    }

    private static OnnxGraph Sum(float[] addend, string input, string output)
    {
        var graph = new OnnxGraph();
        OnnxValue rows = graph.Input(input, OnnxType.Single, OnnxGraph.Batch, addend.Length);
        graph.Output(output, graph.Add(rows, graph.Weight("weight", [addend.Length], () => addend)), OnnxGraph.Batch, addend.Length);
        return graph;
    }
}
