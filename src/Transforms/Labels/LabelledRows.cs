using Microsoft.ML;
using MLNet.Papers.Images;

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
    /// <param name="features">The features: vectors of known length, or images.</param>
    /// <param name="labelColumn">A key; or a text, number or Boolean, whose distinct values become the classes, sorted.</param>
    /// <param name="check">Called for every row; throws to stop, as when training is cancelled.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A feature is not finite; the message names the row.</exception>
    public static LabelledRows Read(IDataView data, FeatureColumn features, string labelColumn, Action? check = null)
    {
        int size = features.SizeOf(features.Require(data.Schema));
        new LabelColumn(labelColumn).Require(data.Schema);
        LabelIndex index = LabelIndex.Of(data, labelColumn, check);
        var rows = new RowList(size);
        var classes = new List<int>();
        int withoutLabel = ForEach(data, features, labelColumn, index, check, (row, label) =>
        {
            rows.Add(row);
            classes.Add(label);
        });
        return new LabelledRows(index.Classes, size, rows.ToArray(), [.. classes], withoutLabel);
    }

    /// <summary>Reads the features of all rows of a view, row by row, whatever their labels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">A feature is not finite; the message names the row.</exception>
    public static float[] ReadFeatures(IDataView data, FeatureColumn features, Action? check = null)
    {
        DataViewSchema.Column column = features.Require(data.Schema);
        int size = features.SizeOf(column);
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        var reader = new FiniteReader(cursor, features.CreateReader(cursor), features.Name);
        var rows = new RowList(size);
        float[] row = new float[size];
        while (cursor.MoveNext())
        {
            check?.Invoke();
            reader.Read(row);
            rows.Add(row);
        }

        return rows.ToArray();
    }

    /// <summary>Goes once over the rows of a view that have a label.</summary>
    /// <param name="data">The view, whose columns have been checked.</param>
    /// <param name="features">The features.</param>
    /// <param name="labelColumn">The label.</param>
    /// <param name="index">Its classes, and what reads them.</param>
    /// <param name="check">Called for every row; throws to stop.</param>
    /// <param name="take">Takes a row.</param>
    /// <returns>How many rows have no label.</returns>
    /// <exception cref="InvalidOperationException">A feature is not finite or an image is missing; the message names the row.</exception>
    public static int ForEach(IDataView data, FeatureColumn features, string labelColumn, LabelIndex index, Action? check, LabelledRow take)
    {
        if (index.Classes.Count == 0)
            return index.RowsWithoutLabel;
        DataViewSchema.Column column = features.Require(data.Schema);
        int size = features.SizeOf(column);
        using DataViewRowCursor cursor = data.GetRowCursor([column, data.Schema[labelColumn]]);
        var reader = new FiniteReader(cursor, features.CreateReader(cursor), features.Name);
        KeyInput label = index.Reader(cursor);
        float[] row = new float[size];
        int withoutLabel = 0;
        while (cursor.MoveNext())
        {
            check?.Invoke();
            ReadOnlySpan<int> key = label.Read();
            if (key.IsEmpty)
            {
                withoutLabel++;
                continue;
            }

            reader.Read(row);
            take(row, key[0]);
        }

        return withoutLabel;
    }
}

/// <summary>Takes the features of a row, which are valid during the call only, and its class.</summary>
internal delegate void LabelledRow(ReadOnlySpan<float> features, int label);
