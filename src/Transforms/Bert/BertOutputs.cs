using System.Globalization;
using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using MLNet.Papers.Onnx;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Bert;

/// <summary>What a transformer puts out, checked; saved with it.</summary>
/// <param name="OutputColumnName">The column of the texts' vectors.</param>
/// <param name="InputColumnName">The column of texts.</param>
/// <param name="Pooling">How the vectors of the pieces become that of a text.</param>
/// <param name="Normalizes">Whether that gets the length 1.</param>
/// <param name="Lowest">The lowest layer of a piece's vector.</param>
/// <param name="Highest">The highest one.</param>
/// <param name="WordVector">How a word's vector is made.</param>
/// <param name="TokenVectorsColumnName">The column of the words' vectors.</param>
/// <param name="TokensColumnName">The column of words.</param>
internal sealed record BertOutputs(
    string OutputColumnName,
    string InputColumnName,
    Pooling Pooling,
    bool Normalizes,
    int Lowest,
    int Highest,
    BertWordVector WordVector,
    string? TokenVectorsColumnName,
    string? TokensColumnName)
{
    // The name of an axis of words.
    private const string Words = "Words";

    // Shorter vectors are left as they are.
    private const float LeastLength = 1e-12f;

    [JsonIgnore]
    public int LayerCount => Highest - Lowest + 1;

    /// <summary>The outputs that options describe.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer, or two columns have the same name.</exception>
    public static BertOutputs Of(string outputColumnName, string inputColumnName, BertOutputOptions options, BertModel model)
    {
        int top = model.Architecture.Layers;
        if (options.Representation == BertRepresentation.OneLayer && options.Layer > top)
        {
            string fault = string.Create(CultureInfo.InvariantCulture, $"must be from 0 to {top}, the top layer, but was {options.Layer}.");
            throw new ArgumentOutOfRangeException(nameof(options), $"{nameof(BertOutputOptions)}.{nameof(options.Layer)} {fault}");
        }

        (int lowest, int highest) = options.Representation switch
        {
            BertRepresentation.OneLayer => (options.Layer, options.Layer),
            BertRepresentation.LastFourLayers => (Math.Max(1, top - 3), top),
            BertRepresentation.AllLayers => (0, top),
            _ => (top, top),
        };
        var outputs = new BertOutputs(
            outputColumnName, inputColumnName, options.Pooling ?? model.Pooling, options.Normalize ?? model.Normalizes, lowest, highest, options.WordVector,
            options.TokenVectorsColumnName, options.TokensColumnName);
        outputs.TokenColumns().RequireDifferentNames();
        return outputs;
    }

    /// <summary>The columns.</summary>
    public TokenVectorColumns TokenColumns() => new(OutputColumnName, InputColumnName, Pooling, TokenVectorsColumnName, TokensColumnName);

    /// <summary>The length of a piece's vector.</summary>
    public int TokenSize(BertArchitecture architecture) => LayerCount * architecture.HiddenSize;

    /// <summary>What a number of a piece's vector is: the layer, where there are several, and its place there.</summary>
    public string SlotName(BertArchitecture architecture, int slot)
    {
        (int layer, int place) = Math.DivRem(slot, architecture.HiddenSize);
        return LayerCount == 1
            ? string.Create(CultureInfo.InvariantCulture, $"dimension {place}")
            : string.Create(CultureInfo.InvariantCulture, $"layer {Lowest + layer} dimension {place}");
    }

    /// <summary>Writes a text's vector.</summary>
    /// <param name="layers">What the network says of it.</param>
    /// <param name="size">H.</param>
    /// <param name="vector">Receives the vector.</param>
    public void WriteText(BertLayers layers, int size, Span<float> vector)
    {
        for (int i = 0; i < LayerCount; i++)
        {
            ReadOnlySpan<float> layer = layers[Lowest + i];
            Span<float> own = vector.Slice(i * size, size);
            layer[..size].CopyTo(own);
            if (Pooling == Pooling.FirstLast)
                layer[^size..].CopyTo(vector[((LayerCount + i) * size)..]);
            else if (Pooling == Pooling.Mean)
                Mean(layer, size, own);
            for (int place = size; place < layer.Length && Pooling == Pooling.Max; place += size)
                TensorPrimitives.Max(own, layer.Slice(place, size), own);
        }

        if (Normalizes)
            Normalize(vector);
    }

    /// <summary>Writes a word's vector: zeros for one that was cut.</summary>
    /// <param name="layers">What the network says of its text.</param>
    /// <param name="places">The places of its pieces.</param>
    /// <param name="size">H.</param>
    /// <param name="vector">Receives the vector.</param>
    public void WriteWord(BertLayers layers, (int First, int End) places, int size, Span<float> vector)
    {
        if (places.First == places.End)
        {
            vector.Clear();
            return;
        }

        for (int i = 0; i < LayerCount; i++)
        {
            ReadOnlySpan<float> pieces = layers[Lowest + i][(places.First * size)..(places.End * size)];
            if (WordVector == BertWordVector.Mean)
                Mean(pieces, size, vector.Slice(i * size, size));
            else
                pieces[..size].CopyTo(vector[(i * size)..]);
        }
    }

    /// <summary>Adds the columns that are numbers to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layers">All layers up to the highest, (B, T, H).</param>
    /// <param name="lengths">How many pieces each text has, Int64 (B).</param>
    /// <param name="words">The places of each word's first piece and of the piece behind its last, Int64 (B, W, 2); null without a column for them.</param>
    /// <param name="architecture">The network.</param>
    public void ToOnnx(OnnxGraph graph, OnnxValue[] layers, OnnxValue lengths, OnnxValue? words, BertArchitecture architecture)
    {
        int size = TokenSize(architecture);
        TokenVectorColumns columns = TokenColumns();
        (OnnxValue pooled, OnnxValue own) = TokenVectorColumns.PoolInOnnx(graph, graph.Concatenate(2, layers[Lowest..(Highest + 1)]), lengths, Pooling);
        if (Normalizes)
        {
            OnnxValue length = graph.Node("Sqrt", [graph.Sum(graph.Multiply(pooled, pooled), axis: 1, keepsAxis: true)]);
            pooled = graph.Divide(pooled, graph.Maximum(length, graph.Number(LeastLength)));
        }

        graph.Output(OutputColumnName, pooled, OnnxGraph.Batch, columns.TextSize(size));
        if (TokenVectorsColumnName is { } vectors)
            graph.Output(vectors, WordsInOnnx(graph, own, words!), OnnxGraph.Batch, Words, size);
    }

    /// <summary>Adds to a graph the input that says where the words are. Its name is that of the column of texts with "Words" behind it.</summary>
    /// <returns>Int64 (B, W, 2); null without a column for their vectors.</returns>
    public OnnxValue? WordsInOnnx(OnnxGraph graph) =>
        TokenVectorsColumnName is null ? null : graph.Input($"{InputColumnName}{Words}", OnnxType.Int64, OnnxGraph.Batch, Words, 2);

    // Each word's sum of its pieces, or of its first alone, as a product with a matrix of ones and zeros (B, W, T).
    private OnnxValue WordsInOnnx(OnnxGraph graph, OnnxValue pieces, OnnxValue words)
    {
        OnnxValue steps = graph.Squeeze(graph.Length(pieces, 1), 0), first = graph.Slice(words, axis: 2, start: 0, end: 1);
        OnnxValue end = graph.Slice(words, axis: 2, start: 1), one = graph.Integers(1), count = graph.Subtract(end, first);
        if (WordVector == BertWordVector.FirstPiece)
            end = graph.Add(first, count = graph.Node("Min", [count, one]));
        OnnxValue places = graph.Node("Range", [graph.Integers([], [0]), steps, graph.Integers([], [1])]);
        OnnxValue isBefore = graph.Node("Less", [places, first]), isWithin = graph.Node("Less", [places, end]);
        OnnxValue own = graph.Convert(graph.Node("And", [isWithin, graph.Node("Not", [isBefore])]), OnnxType.Single);
        return graph.Divide(graph.MatrixProduct(own, pieces), graph.Convert(graph.Maximum(count, one), OnnxType.Single));
    }

    // Value by value, so that no sum depends on where the vectors lie in memory.
    private static void Mean(ReadOnlySpan<float> rows, int size, Span<float> mean)
    {
        rows[..size].CopyTo(mean);
        for (int place = size; place < rows.Length; place += size)
            TensorPrimitives.Add(mean, rows.Slice(place, size), mean);
        TensorPrimitives.Divide(mean, rows.Length / size, mean);
    }

    private static void Normalize(Span<float> vector)
    {
        double squares = 0;
        foreach (float value in vector)
            squares += (double)value * value;
        TensorPrimitives.Divide(vector, Math.Max((float)Math.Sqrt(squares), LeastLength), vector);
    }
}
