using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Elmo;
using MLNet.Papers.Images;
using MLNet.Papers.Tests.Contract;
using MLNet.Papers.Texts;

namespace MLNet.Papers.Tests.Onnx;

/// <summary>The numbers of some rows under one name of a graph.</summary>
/// <param name="Name">The name.</param>
/// <param name="Values">The numbers of all rows, Single or Int64.</param>
/// <param name="Shape">Their shape, the rows first.</param>
internal sealed record OnnxTensors(string Name, Array Values, long[] Shape)
{
    public int Rows => (int)Shape[0];

    public int RowSize => Values.Length / Rows;

    /// <summary>What the graph of a transformer is given for the rows of a view.</summary>
    /// <param name="transformer">The transformer.</param>
    /// <param name="model">Its graph.</param>
    /// <param name="rows">The rows that it reads.</param>
    public static IReadOnlyList<OnnxTensors> Of(ITransformer transformer, OnnxModel model, IDataView rows)
    {
        string column = model.Inputs[0];
        return transformer switch
        {
            ElmoTransformer or ElmoClassifierTransformer => Characters(rows, column, model.Dimensions(column)[^1]),
            CoVeTransformer cove => WordVectors(rows, column, cove.WordVectors),
            ElmoTaggerTransformer tagger => TokenVectors(rows, column, tagger.TokenVectorSize),
            _ => [Numbers(rows, column, model.Dimensions(column)[1..])],
        };
    }

    /// <summary>The values of a column as a graph has them.</summary>
    public static OnnxTensors OfColumn(IDataView rows, string name)
    {
        DataViewSchema.Column column = rows.Schema[name];
        object[] values = Table.Read(rows, [column]).Columns[column.Index];
        Array[] vectors = [.. values.Select(value => value as Array ?? Single(value))];
        int size = vectors[0].Length;
        Array all = Array.CreateInstance(vectors[0].GetType().GetElementType()!, vectors.Length * size);
        for (int row = 0; row < vectors.Length; row++)
            vectors[row].CopyTo(all, row * size);
        long[] shape = column.Type is VectorDataViewType { Dimensions: var dimensions } && !dimensions.Contains(0)
            ? [.. dimensions.Select(length => (long)length)]
            : [size];
        return new(name, all, [vectors.Length, .. shape]);

        static Array Single(object value)
        {
            Array single = Array.CreateInstance(value.GetType(), 1);
            single.SetValue(value, 0);
            return single;
        }
    }

    /// <summary>Some of the rows.</summary>
    public OnnxTensors Take(int first, int count)
    {
        Array part = Array.CreateInstance(Values.GetType().GetElementType()!, count * RowSize);
        Array.Copy(Values, first * RowSize, part, 0, part.Length);
        return this with { Values = part, Shape = [count, .. Shape[1..]] };
    }

    /// <summary>The numbers of a row: keys and Booleans are numbers too.</summary>
    public double[] Row(int row) => [.. Take(row, 1).Values.Cast<object>().Select(value => Convert.ToDouble(value, CultureInfo.InvariantCulture))];

    /// <summary>The same as a column: of vectors, or of lengths.</summary>
    public MemoryColumn ToColumn()
    {
        if (Values is long[] lengths && Shape is [_, 1])
            return MemoryColumn.Values(Name, NumberDataViewType.Int64, lengths);
        return Values is float[] numbers ? Column(numbers, NumberDataViewType.Single) : Column((long[])Values, NumberDataViewType.Int64);

        MemoryColumn Column<T>(T[] values, PrimitiveDataViewType type) =>
            MemoryColumn.Vectors(Name, type, [.. values.Chunk(RowSize).Select(row => new VBuffer<T>(row.Length, row))], RowSize);
    }

    private static OnnxTensors Numbers(IDataView rows, string name, int[] shape)
    {
        DataViewSchema.Column column = rows.Schema[name];
        int size = shape.Aggregate((product, length) => product * length);
        List<float> values = [];
        using DataViewRowCursor cursor = rows.GetRowCursor([column]);
        RowReader reader = shape.Length == 3 ? new ImageColumn(name, new(shape[0], shape[1], shape[2])).CreateReader(cursor) : new VectorReader(cursor, column);
        float[] row = new float[size];
        while (cursor.MoveNext())
        {
            reader.Read(row);
            values.AddRange(row);
        }

        return new(name, values.ToArray(), [values.Count / size, .. shape.Select(length => (long)length)]);
    }

    private static OnnxTensors[] Characters(IDataView rows, string column, int most)
    {
        return Sequences(column, Tokens(rows, column), most, Padded);

        long[] Padded(string token) =>
            [.. CharacterIds.Of(token, most).Concat(Enumerable.Repeat(CharacterIds.Padding, most)).Take(most).Select(id => (long)id)];
    }

    private static OnnxTensors[] WordVectors(IDataView rows, string column, FastTextModel words) =>
        Sequences(column, Tokens(rows, column), words.Dimension, words.GetWordVector);

    private static OnnxTensors[] TokenVectors(IDataView rows, string column, int size) =>
        [Sequences(column, [.. rows.GetColumn<float[]>(column).Select(row => row.Chunk(size).ToArray())], size, vector => vector)[0]];

    private static List<string[]> Tokens(IDataView rows, string name)
    {
        DataViewSchema.Column column = rows.Schema[name];
        List<string[]> texts = [];
        List<ReadOnlyMemory<char>> tokens = [];
        using DataViewRowCursor cursor = rows.GetRowCursor([column]);
        TokenInput input = TokenInput.Create(cursor, name);
        while (cursor.MoveNext())
        {
            input.Read(tokens);
            texts.Add([.. tokens.Select(token => token.ToString())]);
        }

        return texts;
    }

    // The numbers of the tokens with zeros behind shorter texts, and the lengths.
    private static OnnxTensors[] Sequences<TToken, T>(string column, List<TToken[]> texts, int size, Func<TToken, T[]> numbers)
    {
        int longest = Math.Max(1, texts.Max(text => text.Length));
        T[] values = new T[texts.Count * longest * size];
        for (int row = 0; row < texts.Count; row++)
        {
            for (int token = 0; token < texts[row].Length; token++)
                numbers(texts[row][token]).CopyTo(values, ((row * longest) + token) * size);
        }

        return [new(column, values, [texts.Count, longest, size]),
            new($"{column}Lengths", Array.ConvertAll([.. texts], text => (long)text.Length), [texts.Count, 1])];
    }
}
