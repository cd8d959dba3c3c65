using MLNet.Papers.Onnx;

namespace MLNet.Papers.Networks;

/// <summary>The layer in a graph.</summary>
internal sealed partial record LstmShape
{
    private const int Gates = 4;

    /// <summary>Adds a layer of a forward and a backward direction over the same sequences, by the format's own operator, which neither projects nor
    /// clips.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="sequences">(T, B, I).</param>
    /// <param name="lengths">The lengths of the sequences, Int32 (B).</param>
    /// <param name="weights">The weights, by the names of <see cref="Weights"/>.</param>
    /// <returns>(T, B, 2C), forward and backward; zeros behind the end of a sequence.</returns>
    public OnnxValue BidirectionalToOnnx(OnnxGraph graph, OnnxValue sequences, OnnxValue lengths, NetworkWeights weights)
    {
        if (Directions != 2 || IsProjected || CellClip > 0)
            throw new InvalidOperationException($"The operator LSTM is no layer of {this}.");
        OnnxValue input = graph.Weight("input", [2, Gates * CellSize, InputSize], () => Transposed(weights["input"], InputSize));
        OnnxValue recurrent = graph.Weight("recurrent", [2, Gates * CellSize, CellSize], () => Transposed(weights["recurrent"], CellSize));
        OnnxValue bias = graph.Weight("bias", [2, 2L * Gates * CellSize], () => Biases(weights["bias"]));
        // (T, 2, B, C)
        OnnxValue outputs = graph.Node("LSTM", [sequences, input, recurrent, bias, lengths], ("hidden_size", (long)CellSize), ("direction", "bidirectional"));
        return graph.Reshape(graph.Transpose(outputs, 0, 2, 1, 3), 0, 0, 2L * CellSize);
    }

    /// <summary>Adds a layer whose directions each have their own sequences, step by step, with its projection and bounds.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="sequences">(D, T, B, I).</param>
    /// <param name="weight">Gives the weights, by the names of <see cref="Weights"/>.</param>
    /// <returns>(D, T, B, P). What stands behind the end of a sequence has no meaning.</returns>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue sequences, Func<string, OnnxValue> weight)
    {
        OnnxValue input = graph.Unsqueeze(weight("input"), 1), bias = graph.Unsqueeze(weight("bias"), 1), recurrent = weight("recurrent");
        OnnxValue? projection = IsProjected ? weight("projection") : null;
        OnnxValue inputGates = graph.Add(graph.MatrixProduct(sequences, input), bias);  // (D, T, B, I) x (D, 1, I, 4C) -> (D, T, B, 4C)
        OnnxValue rows = graph.Length(sequences, 2), zero = graph.Number(0);
        OnnxValue openCount = graph.Integers((Gates - 1) * CellSize, CellSize), eachCount = graph.Integers(CellSize, CellSize, CellSize);
        return graph.Scan([Zeros(OutputSize), Zeros(CellSize)], inputGates, axis: 1, (body, states, gates) =>
        {
            OnnxValue all = body.Add(gates, body.MatrixProduct(states[0], recurrent));  // (D, B, 4C)
            OnnxValue[] parts = body.NodeResults("Split", 2, [all, openCount], ("axis", 2L));
            OnnxValue[] open = body.NodeResults("Split", Gates - 1, [body.Sigmoid(parts[0]), eachCount], ("axis", 2L));
            OnnxValue cell = body.Clip(body.Add(body.Multiply(open[1], states[1]), body.Multiply(open[0], body.Tanh(parts[1]))), CellClip);
            OnnxValue emitted = body.Multiply(open[2], body.Tanh(cell));
            return [projection is null ? emitted : body.Clip(body.MatrixProduct(emitted, projection), OutputClip), cell];
        });

        OnnxValue Zeros(int size) => graph.Expand(zero, graph.Concatenate(0, graph.Integers(Directions), rows, graph.Integers(size)));
    }

    // (D, rows, 4C), the gates input, forget, output, candidate, to (D, 4C, rows), the gates input, output, forget, candidate.
    private float[] Transposed(float[] values, int rows)
    {
        int columns = Gates * CellSize;
        float[] transposed = new float[values.Length];
        for (int direction = 0; direction < Directions; direction++)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < columns; column++)
                    transposed[(((direction * columns) + Place(column)) * rows) + row] = values[(((direction * rows) + row) * columns) + column];
            }
        }

        return transposed;
    }

    // (D, 1, 4C) to (D, 8C): those of the input in the same order of gates, and zeros for those of the state.
    private float[] Biases(float[] values)
    {
        int columns = Gates * CellSize;
        float[] biases = new float[2 * values.Length];
        for (int i = 0; i < values.Length; i++)
            biases[(i / columns * 2 * columns) + Place(i % columns)] = values[i];
        return biases;
    }

    private int Place(int column) => (column / CellSize) switch
    {
        1 => column + CellSize,
        2 => column - CellSize,
        _ => column,
    };
}
