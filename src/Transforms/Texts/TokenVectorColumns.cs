using Microsoft.ML.Data;
using MLNet.Papers.Onnx;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Texts;

/// <summary>The columns of a transformer that turns texts into vectors of their tokens, and these into one of the text.</summary>
internal sealed record TokenVectorColumns(
    string OutputColumnName, string InputColumnName, Pooling Pooling, string? TokenVectorsColumnName, string? TokensColumnName)
{
    /// <exception cref="ArgumentOutOfRangeException">Two columns have the same name.</exception>
    public void RequireDifferentNames()
    {
        if (TokenVectorsColumnName == OutputColumnName || TokensColumnName == OutputColumnName
            || (TokensColumnName is not null && TokensColumnName == TokenVectorsColumnName))
        {
            throw new ArgumentOutOfRangeException("outputColumnName", $"The columns for the vector of the text ('{OutputColumnName}'), " +
                $"the vectors of its tokens ('{TokenVectorsColumnName}') and the tokens ('{TokensColumnName}') must have different names.");
        }
    }

    /// <summary>The length of a text's vector.</summary>
    public int TextSize(int tokenSize) => (Pooling == Pooling.FirstLast ? 2 : 1) * tokenSize;

    /// <summary>The columns of a transformer, in the order of its buffers.</summary>
    /// <param name="tokenSize">The length of a token's vector; any will do where an estimator promises the columns.</param>
    /// <param name="slotName">What a number of a token's vector is; null where an estimator promises the columns.</param>
    public IReadOnlyList<OutputColumn> Create(int tokenSize = 1, Func<int, string>? slotName = null)
    {
        List<OutputColumn> columns = [OutputColumn.Vector(OutputColumnName, TextSize(tokenSize), SlotName)];
        if (TokenVectorsColumnName is { } vectors)
            columns.Add(new(vectors, new VectorDataViewType(NumberDataViewType.Single, 0, tokenSize)));
        if (TokensColumnName is { } tokens)
            columns.Add(new(tokens, new VectorDataViewType(TextDataViewType.Instance)));
        return columns;

        string SlotName(int slot)
        {
            string name = slotName?.Invoke(slot % tokenSize) ?? "";
            return Pooling == Pooling.FirstLast ? $"{(slot < tokenSize ? "first token" : "last token")}: {name}" : name;
        }
    }

    /// <summary>Adds to a graph the input that says how many tokens each text has. Its name is that of the column of texts with "Lengths" behind it.</summary>
    /// <returns>Int64 (B). The input itself is (B, 1), which is how ML.NET gives a graph a column of single numbers.</returns>
    public static OnnxValue LengthsInOnnx(OnnxGraph graph, string inputColumnName) =>
        graph.Squeeze(graph.Input($"{inputColumnName}Lengths", OnnxType.Int64, OnnxGraph.Batch, 1), 1);

    /// <summary>Adds the columns that are numbers to a graph as its outputs.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="tokens">The vectors of the tokens, (B, T, size).</param>
    /// <param name="lengths">How many tokens each text has, Int64 (B).</param>
    /// <param name="tokenSize">The length of a token's vector.</param>
    public void ToOnnx(OnnxGraph graph, OnnxValue tokens, OnnxValue lengths, int tokenSize)
    {
        (OnnxValue pooled, OnnxValue own) = PoolInOnnx(graph, tokens, lengths, Pooling);
        graph.Output(OutputColumnName, pooled, OnnxGraph.Batch, TextSize(tokenSize));
        if (TokenVectorsColumnName is { } vectors)
            graph.Output(vectors, own, OnnxGraph.Batch, OnnxGraph.Time, tokenSize);
    }

    /// <summary>Pools the vectors of the tokens of texts in a graph, as <see cref="TokenPool"/> does. A text without tokens has zeros.</summary>
    /// <returns>The vectors of the texts, (B, size), and those of the tokens with zeros behind the end of a text, (B, T, size).</returns>
    public static (OnnxValue Pooled, OnnxValue Own) PoolInOnnx(OnnxGraph graph, OnnxValue tokens, OnnxValue lengths, Pooling pooling)
    {
        OnnxValue zero = graph.Number(0), steps = graph.Squeeze(graph.Length(tokens, 1), 0);
        OnnxValue places = graph.Node("Range", [graph.Integers([], [0]), steps, graph.Integers([], [1])]);  // (T)
        OnnxValue column = graph.Unsqueeze(lengths, 1);  // (B, 1)
        OnnxValue isToken = graph.Unsqueeze(graph.Node("Less", [places, column]), 2);  // (B, T, 1)
        OnnxValue own = graph.Node("Where", [isToken, tokens, zero]);
        switch (pooling)
        {
            case Pooling.Mean:
                OnnxValue count = graph.Maximum(graph.Convert(column, OnnxType.Single), graph.Number(1));
                return (graph.Divide(graph.Sum(own, axis: 1), count), own);
            case Pooling.Max:
                OnnxValue greatest = graph.Greatest(graph.Node("Where", [isToken, tokens, graph.Number(float.NegativeInfinity)]), axis: 1);
                return (graph.Node("Where", [graph.Node("Greater", [column, graph.Integers(0)]), greatest, zero]), own);
            case Pooling.First:
                return (First(), own);
            default:
                return (graph.Concatenate(1, First(), LastInOnnx(graph, own, lengths)), own);
        }

        OnnxValue First() => graph.Squeeze(graph.Slice(own, axis: 1, start: 0, end: 1), 1);
    }

    /// <summary>The vector of the last token of each text in a graph, (B, size); that of the first place for a text without tokens.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="tokens">(B, T, size).</param>
    /// <param name="lengths">How many tokens each text has, Int64 (B).</param>
    public static OnnxValue LastInOnnx(OnnxGraph graph, OnnxValue tokens, OnnxValue lengths)
    {
        OnnxValue lastPlace = graph.Maximum(graph.Subtract(graph.Unsqueeze(lengths, 1), graph.Integers(1)), graph.Integers(0));
        return graph.Node("GatherND", [tokens, lastPlace], ("batch_dims", 1L));
    }
}
