using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Bert;
using MLNet.Papers.Elmo;
using MLNet.Papers.Images;
using MLNet.Papers.LanguageModel;
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
    /// <param name="graph">Its graph.</param>
    /// <param name="rows">The rows that it reads.</param>
    public static IReadOnlyList<OnnxTensors> Of(ITransformer transformer, OnnxModel graph, IDataView rows)
    {
        string column = graph.Inputs[0];
        return transformer switch
        {
            ElmoTransformer or ElmoClassifierTransformer => Characters(rows, column, graph.Dimensions(column)[^1]),
            CoVeTransformer cove => WordVectors(rows, column, cove.WordVectors),
            BertTransformer bert => Pieces(rows, column, bert.Model, graph.Inputs.Count > 2),
            BertTextTransformer bert => Pieces(rows, bert),
            BertTaggerTransformer bert => Pieces(rows, bert),
            LanguageModelTransformer model => TokenNumbers(rows, column, model.Saved.Symbols),
            SeriesTransformer series when series.Network.Symbols > 0 => Keys(rows, column),
            SeriesTransformer series => Sequences<float[], float>(column, [.. Vectors<float>(rows, column).Select(row => row.Chunk(series.Channels).ToArray())],
                series.Channels, step => step),
            AutoencoderDecoderTransformer => [Codes(OfColumn(rows, column))],
            ElmoTaggerTransformer tagger => TokenVectors(rows, column, tagger.TokenVectorSize),
            _ => [Numbers(rows, column, graph.Dimensions(column)[1..])],
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

    private static OnnxTensors[] Pieces(IDataView rows, string column, BertModel bert, bool hasWords)
    {
        var texts = new BertTexts(bert);
        List<ReadOnlyMemory<char>> words = [];
        List<int> starts = [];
        using DataViewRowCursor cursor = rows.GetRowCursor([rows.Schema[column]]);
        if (rows.Schema[column].Type is VectorDataViewType)
        {
            TokenInput input = TokenInput.Create(cursor, column);
            while (cursor.MoveNext())
            {
                input.Read(words);
                texts.AddWords(words);
            }
        }
        else
        {
            ReadOnlyMemory<char> text = default;
            ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(rows.Schema[column]);
            while (cursor.MoveNext())
            {
                getter(ref text);
                TokenInput.Split(text, words, starts);
                texts.AddWithWords(text.Span, starts.ToArray());
            }
        }

        return Pieces(texts, column, hasWords);
    }

    private static OnnxTensors[] TokenVectors(IDataView rows, string column, int size) =>
        [Sequences(column, [.. rows.GetColumn<float[]>(column).Select(row => row.Chunk(size).ToArray())], size, vector => vector)[0]];

    private static OnnxTensors[] Pieces(IDataView rows, BertTextTransformer bert)
    {
        var columns = new TextPairColumns(bert.TextColumnName, bert.SecondTextColumnName);
        using DataViewRowCursor cursor = rows.GetRowCursor([.. columns.Names.Select(name => rows.Schema[name])]);
        var reader = new TextPairReader(bert.Model, cursor, columns);
        while (cursor.MoveNext())
            reader.Read();
        OnnxTensors[] read = Pieces(reader.Texts, columns.Text, hasWords: false);
        if (columns.Second is null)
            return read;
        BertBatch batch = reader.Texts.Batch;
        List<long[]> segments = [.. Enumerable.Range(0, batch.Count).Select(
            text => Enumerable.Range(0, batch.Length(text)).Select(place => place < batch.Second(text) ? 0L : 1L).ToArray())];
        OnnxTensors places = Sequences($"{columns.Text}Segments", segments, 1, segment => new[] { segment })[0];
        return [.. read, places with { Shape = places.Shape[..2] }];
    }

    private static OnnxTensors[] Pieces(IDataView rows, BertTaggerTransformer bert)
    {
        using DataViewRowCursor cursor = rows.GetRowCursor([rows.Schema[bert.TokensColumnName]]);
        TokenInput input = TokenInput.Create(cursor, bert.TokensColumnName);
        var texts = new BertTexts(bert.Model);
        List<ReadOnlyMemory<char>> tokens = [];
        while (cursor.MoveNext())
        {
            input.Read(tokens);
            texts.AddWords(tokens);
        }

        Assert.AreEqual(0, texts.Cut, "A graph does not read long texts in parts.");
        return Pieces(texts, bert.TokensColumnName, hasWords: true);
    }

    private static OnnxTensors[] Pieces(BertTexts texts, string column, bool hasWords)
    {
        int[] numbers = [.. Enumerable.Range(0, texts.Batch.Count)];
        OnnxTensors[] read = Sequences(column, [.. numbers.Select(text => texts.Batch.Pieces(text).ToArray())], 1, piece => new[] { (long)piece });
        read[0] = read[0] with { Shape = read[0].Shape[..2] };
        if (!hasWords)
            return read;
        List<(int First, int End)[]> places =
            [.. numbers.Select(text => Enumerable.Range(0, texts.Words(text)).Select(word => texts.PlacesOf(text, word)).ToArray())];
        return [.. read, Sequences($"{column}Words", places, 2, word => new long[] { word.First, word.End })[0]];
    }

    // What a language model takes the tokens for, (B, T).
    private static OnnxTensors[] TokenNumbers(IDataView rows, string column, SequenceSymbols symbols)
    {
        List<int[]> numbers = [];
        using DataViewRowCursor cursor = rows.GetRowCursor([rows.Schema[column]]);
        SequenceReader reader = SequenceReader.Create(cursor, column, symbols.Level, symbols.Find);
        while (cursor.MoveNext())
            numbers.Add(reader.Read().ToArray());
        OnnxTensors[] read = Sequences<int, long>(column, numbers, 1, number => [number]);
        return [read[0] with { Shape = read[0].Shape[..2] }, read[1]];
    }

    // The numbers of keys from 1, (B, T).
    private static OnnxTensors[] Keys(IDataView rows, string column)
    {
        OnnxTensors[] series = Sequences<uint, long>(column, [.. Vectors<uint>(rows, column)], 1, key => [key]);
        return [series[0] with { Shape = series[0].Shape[..2] }, series[1]];
    }

    private static OnnxTensors Codes(OnnxTensors keys) =>
        keys with { Values = Array.ConvertAll((uint[])keys.Values, key => (long)key) };

    private static IEnumerable<T[]> Vectors<T>(IDataView rows, string name)
    {
        DataViewSchema.Column column = rows.Schema[name];
        return Table.Read(rows, [column]).Columns[column.Index].Cast<T[]>();
    }

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
