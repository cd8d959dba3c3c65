namespace MLNet.Papers.Onnx;

/// <summary>A column of numbers in a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its values, (B, N).</param>
/// <param name="Size">N.</param>
internal sealed record OnnxColumn(string Name, OnnxValue Value, int Size)
{
    /// <summary>The column that is the key of the greatest number, from 1; null for none.</summary>
    public string? Greatest { get; init; }

    /// <summary>The column that says whether the number is above 0; null for none.</summary>
    public string? IsPositive { get; init; }

    /// <summary>Adds the columns to the outputs of a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="missing">(B, 1): 0 for rows that have values, NaN for the others.</param>
    public void AddTo(OnnxGraph graph, OnnxValue missing)
    {
        OnnxValue value = graph.Add(Value, missing);
        graph.Output(Name, value, OnnxGraph.Batch, Size);
        if (Greatest is { } key)
            graph.Output(key, OnnxType.UInt32, graph.KeyOfGreatest(value), OnnxGraph.Batch, 1);
        if (IsPositive is { } sign)
            graph.Output(sign, OnnxType.Boolean, graph.IsPositive(value), OnnxGraph.Batch, 1);
    }
}
