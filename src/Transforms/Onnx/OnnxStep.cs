using System.Globalization;
using Microsoft.ML;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Onnx;

/// <summary>A graph as a step of the ONNX model that ML.NET's converter makes of a chain.</summary>
internal static class OnnxStep
{
    /// <summary>Why a graph cannot be a step; null where it can.</summary>
    public static string? FindFault(OnnxGraph graph)
    {
        if (graph.Nodes.Any(node => node.Attributes.Any(attribute => attribute.Value is OnnxGraph)))
            return "its graph has loops, which ML.NET's converter does not know; its SaveAsOnnx writes them";
        long bytes = graph.Constants.Sum(constant => constant.Bytes);
        return bytes < OnnxFile.MostBytes
            ? null
            : string.Create(
                CultureInfo.InvariantCulture, $"it has {bytes} bytes of weights, and a file of this format has at most {OnnxFile.MostBytes} (2 GiB)");
    }

    /// <summary>Adds a graph to a chain: what it reads is taken from columns, and what it gives becomes columns.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="output">The schema with the columns that the graph gives.</param>
    /// <param name="step">The name of the step, for messages.</param>
    /// <exception cref="InvalidOperationException">The step before, whose column it reads, is not in the model.</exception>
    public static void Add(OnnxGraph graph, OnnxChain chain, DataViewSchema output, string step)
    {
        chain.RequireOperatorSet(OnnxFile.OperatorSet, step);
        Dictionary<string, string> names = new(StringComparer.Ordinal) { [""] = "" };  // an optional value that is left out
        foreach (OnnxPort port in graph.Inputs)
            names[port.Name] = Read(chain, port, step);
        foreach (OnnxTensor constant in graph.Constants)
            names[constant.Name] = chain.Constant(constant.Name, constant.Shape, constant.ToArray());
        foreach (OnnxPort port in graph.Outputs)
            names[port.Name] = chain.Column(port.Column!, output[port.Column!].Type);
        foreach (OnnxNode node in graph.Nodes)
        {
            foreach (string result in node.Outputs.Where(result => !names.ContainsKey(result)))
                names[result] = chain.Value(result);
            chain.Operator(node.Operator, [.. node.Inputs.Select(input => names[input])], [.. node.Outputs.Select(result => names[result])], node.Attributes);
        }
    }

    // Whatever dimensions the type of the column has.
    private static string Read(OnnxChain chain, OnnxPort port, string step)
    {
        string column = chain.Find(port.Name) ?? throw new InvalidOperationException(
            $"ConvertToOnnx cannot write {step}: column '{port.Name}', which it reads, comes from a step that is not in the model.");
        long[] shape = [-1, .. port.Shape!.Skip(1).Select(dimension => dimension.Length)];
        string rows = chain.Value("/rows");
        chain.Operator("Reshape", [column, chain.Constant("/shape", [shape.Length], shape)], [rows], []);
        return rows;
    }
}
