using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Images;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Labels;

/// <summary>The rows of a view in memory: the features of each, and which class it belongs to.</summary>
/// <remarks>Holds 4·D + 4 bytes a row, D being the length of the feature vector.</remarks>
internal sealed class LabelledRows
{
    private LabelledRows(ClassLabels labels, int size, float[] features, int[] classes, int withoutLabel)
    {
        Labels = labels;
        Size = size;
        Features = features;
        Classes = classes;
        WithoutLabel = withoutLabel;
    }

    public ClassLabels Labels { get; }

    /// <summary>D, the length of a row's features.</summary>
    public int Size { get; }

    /// <summary>The features, row by row.</summary>
    public float[] Features { get; }

    /// <summary>For each row its class, from 0.</summary>
    public int[] Classes { get; }

    public int Count => Classes.Length;

    /// <summary>How many rows were left out because their label was missing.</summary>
    public int WithoutLabel { get; }

    /// <summary>For each class the rows that belong to it, in their order.</summary>
    public int[][] RowsByClass()
    {
        var rows = new List<int>[Labels.Count];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = [];
        for (int row = 0; row < Count; row++)
            rows[Classes[row]].Add(row);
        return [.. rows.Select(list => list.ToArray())];
    }

    /// <summary>Reads a view into memory. Rows without a label are left out and counted.</summary>
    /// <param name="data">The view; read once if the label is a key, else twice.</param>
    /// <param name="featureColumn">A vector of Single of known length.</param>
    /// <param name="labelColumn">A key; or a text, number or Boolean, whose distinct values become the classes, sorted.</param>
    /// <param name="check">Called for every row; throws to stop, as when training is cancelled.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A feature is not finite; the message names the row.</exception>
    public static LabelledRows Read(IDataView data, string featureColumn, string labelColumn, Action? check = null)
    {
        DataViewSchema.Column features = InputColumns.RequireVector(data.Schema, featureColumn);
        return Read(data, featureColumn, ((VectorDataViewType)features.Type).Size, row => new VectorReader(row, row.Schema[featureColumn]), labelColumn, check);
    }

    /// <summary>The same for rows whose features are images.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A feature is not finite or an image is missing; the message names the row.</exception>
    public static LabelledRows Read(IDataView data, ImageColumn images, string labelColumn, Action? check = null)
    {
        images.Require(data.Schema);
        return Read(data, images.Name, images.Shape.Size, images.CreateReader, labelColumn, check);
    }

    private static LabelledRows Read(IDataView data, string featureColumn, int size, Func<DataViewRow, RowReader> createReader, string labelColumn, Action? check)
    {
        LabelColumn.Require(data.Schema, labelColumn);
        LabelIndex index = LabelIndex.Of(data, labelColumn, check);
        if (index.Classes.Count == 0)
            return new LabelledRows(index.Classes, size, [], [], index.RowsWithoutLabel);
        DataViewSchema.Column features = data.Schema[featureColumn], label = data.Schema[labelColumn];

        using DataViewRowCursor cursor = data.GetRowCursor([features, label]);
        var reader = new FiniteRows(cursor, createReader(cursor), featureColumn, size);
        var classes = new List<int>();
        int withoutLabel = 0;
        KeyInput keyInput = index.Reader(cursor);
        while (cursor.MoveNext())
        {
            check?.Invoke();
            ReadOnlySpan<int> key = keyInput.Read();
            if (key.IsEmpty)
            {
                withoutLabel++;
                continue;
            }

            reader.Read();
            classes.Add(key[0]);
        }

        return new LabelledRows(index.Classes, size, reader.ToArray(), [.. classes], withoutLabel);
    }

    /// <summary>Reads the features of all rows of a view, row by row, whatever their labels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A feature is not finite; the message names the row.</exception>
    public static float[] ReadFeatures(IDataView data, string featureColumn)
    {
        DataViewSchema.Column features = InputColumns.RequireVector(data.Schema, featureColumn);
        using DataViewRowCursor cursor = data.GetRowCursor([features]);
        var reader = new FiniteRows(cursor, new VectorReader(cursor, features), featureColumn, ((VectorDataViewType)features.Type).Size);
        while (cursor.MoveNext())
            reader.Read();
        return reader.ToArray();
    }
}
