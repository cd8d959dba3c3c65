using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNet.Papers.Elmo;

namespace MLNet.Papers.Benchmarks.Onnx;

/// <summary>A network and rows for it, as a view and as what its graph is given.</summary>
/// <param name="Model">The network.</param>
/// <param name="Rows">The rows that it reads.</param>
/// <param name="Output">The column that is read, and the output of the graph.</param>
/// <param name="Inputs">The inputs of the graph for the same rows.</param>
internal sealed record OnnxJob(ExportableTransformer Model, IDataView Rows, string Output, params OnnxInput[] Inputs)
{
    public int Count => Inputs[0].Count;

    /// <summary>Rows of vectors.</summary>
    public static OnnxJob OfVectors(MLContext ml, ExportableTransformer model, string input, string output, float[][] rows, int[] shape)
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(GraphRow));
        definition.RemoveAll(column => column.MemberName != nameof(GraphRow.Singles));
        definition[0].ColumnName = input;
        definition[0].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Length);
        IDataView view = ml.Data.LoadFromEnumerable(rows.Select(row => new GraphRow { Singles = row }).ToArray(), definition);
        return new(model, view, output, new OnnxInput(input, rows.SelectMany(row => row).ToArray(), shape));
    }

    /// <summary>Texts whose tokens are numbers: characters, or vectors of words. All are padded to the length of the longest.</summary>
    public static OnnxJob OfTexts<T>(ExportableTransformer model, IDataView view, string input, string output, string[][] texts, int size,
        Func<string, T[]> numbers)
        where T : unmanaged
    {
        int longest = texts.Max(text => text.Length);
        T[] values = new T[texts.Length * longest * size];
        for (int row = 0; row < texts.Length; row++)
        {
            for (int token = 0; token < texts[row].Length; token++)
                numbers(texts[row][token]).CopyTo(values, ((row * longest) + token) * size);
        }

        return new(model, view, output, new OnnxInput(input, values, [longest, size]),
            new OnnxInput($"{input}Lengths", Array.ConvertAll(texts, text => (long)text.Length), [1]));
    }

    /// <summary>A text's tokens.</summary>
    public static string[] Tokens(string text) => text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether a text has 15 to 20 tokens, so that padding is a small part of what is computed.</summary>
    public static bool IsMedium(string text) => Tokens(text).Length is >= 15 and <= 20;

    /// <summary>The ids of a token's characters, with padding.</summary>
    public static long[] Characters(string token, int most) =>
        [.. CharacterIds.Of(token, most).Concat(Enumerable.Repeat(CharacterIds.Padding, most)).Take(most).Select(id => (long)id)];

    /// <summary>What the graph is given, as columns of a view.</summary>
    public IDataView TensorView(MLContext ml)
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(GraphRow));
        bool areSingle = Inputs[0].Values is float[];
        SchemaDefinition.Column numbers = definition.Single(column => column.MemberName == (areSingle ? nameof(GraphRow.Singles) : nameof(GraphRow.Integers)));
        SchemaDefinition.Column length = definition.Single(column => column.MemberName == nameof(GraphRow.Length));
        (numbers.ColumnName, numbers.ColumnType) =
            (Inputs[0].Name, new VectorDataViewType(areSingle ? NumberDataViewType.Single : NumberDataViewType.Int64, Inputs[0].RowSize));
        if (Inputs.Length > 1)
            length.ColumnName = Inputs[1].Name;
        definition.RemoveAll(column => column != numbers && (column != length || Inputs.Length == 1));
        return ml.Data.LoadFromEnumerable(Enumerable.Range(0, Count).Select(row => new GraphRow
        {
            Singles = areSingle ? (float[])Inputs[0].Row(row) : [],
            Integers = areSingle ? [] : (long[])Inputs[0].Row(row),
            Length = Inputs.Length > 1 ? ((long[])Inputs[1].Row(row))[0] : 0,
        }).ToArray(), definition);
    }

    private sealed class GraphRow
    {
        public float[] Singles { get; set; } = [];

        public long[] Integers { get; set; } = [];

        public long Length { get; set; }
    }
}

/// <summary>An input of a graph for all rows.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">The numbers, Single or Int64.</param>
/// <param name="RowShape">The shape of those of a row.</param>
internal sealed record OnnxInput(string Name, Array Values, int[] RowShape)
{
    public int RowSize => RowShape.Aggregate(1, (product, length) => product * length);

    public int Count => Values.Length / RowSize;

    /// <summary>The numbers of some rows for the runtime, which reads them where they are.</summary>
    public OrtValue Create(int first, int count)
    {
        long[] shape = [count, .. RowShape.Select(length => (long)length)];
        return Values is float[] numbers
            ? OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, numbers.AsMemory(first * RowSize, count * RowSize), shape)
            : OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, ((long[])Values).AsMemory(first * RowSize, count * RowSize), shape);
    }

    /// <summary>The numbers of a row.</summary>
    public Array Row(int row) =>
        Values is float[] numbers ? numbers[(row * RowSize)..((row + 1) * RowSize)] : ((long[])Values)[(row * RowSize)..((row + 1) * RowSize)];
}
