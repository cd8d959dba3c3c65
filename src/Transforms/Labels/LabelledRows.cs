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

    /// <summary>Finds a column that can be a label.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is neither a key nor text, number or Boolean.</exception>
    public static DataViewSchema.Column RequireLabel(DataViewSchema schema, string name)
    {
        DataViewSchema.Column column = InputColumns.Require(schema, name);
        bool fits = column.Type is KeyDataViewType key ? key.Count is > 0 and <= int.MaxValue : ClassLabels.Supports(column.Type);
        return fits ? column : throw InputColumns.Mismatch(name, LabelRequirement, column.Type.ToString()!);
    }

    /// <summary>The same check on the shape of a schema that is still a promise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is neither a key nor text, number or Boolean.</exception>
    public static SchemaShape.Column RequireLabel(SchemaShape schema, string name)
    {
        SchemaShape.Column column = InputColumns.Require(schema, name);
        bool fits = column.Kind == SchemaShape.Column.VectorKind.Scalar && (column.IsKey || ClassLabels.Supports(column.ItemType));
        return fits ? column : throw InputColumns.Mismatch(name, LabelRequirement, Interop.SchemaShapes.TypeName(column));
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
        if (RequireLabel(data.Schema, labelColumn).Type is not KeyDataViewType)
        {
            if (!HasLabel(data, labelColumn, out int without))
                return new LabelledRows(new ClassLabels(TextDataViewType.Instance, []), size, [], [], without);
            data = MapToKey(data, labelColumn);
        }

        DataViewSchema.Column features = data.Schema[featureColumn], label = data.Schema[labelColumn];

        using DataViewRowCursor cursor = data.GetRowCursor([features, label]);
        var reader = new FiniteRows(cursor, createReader(cursor), featureColumn, size);
        var classes = new List<int>();
        int withoutLabel = 0;
        Func<int> classGetter = ClassGetter(cursor, label);
        while (cursor.MoveNext())
        {
            check?.Invoke();
            int index = classGetter();
            if (index < 0)
            {
                withoutLabel++;
                continue;
            }

            reader.Read();
            classes.Add(index);
        }

        return new LabelledRows(ClassLabels.Of(label), size, reader.ToArray(), [.. classes], withoutLabel);
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

    private const string LabelRequirement = "a key of known count, a text, a number or a Boolean";

    // ML.NET's mapping fails where no row has a label. Reads up to the first that has one.
    private static bool HasLabel(IDataView data, string labelColumn, out int without)
    {
        DataViewSchema.Column label = data.Schema[labelColumn];
        using DataViewRowCursor cursor = data.GetRowCursor([label]);
        Func<bool> isMissing = label.Type.RawType == typeof(float) ? Getter<float>(float.IsNaN)
            : label.Type.RawType == typeof(double) ? Getter<double>(double.IsNaN)
            : label.Type is TextDataViewType ? Getter<ReadOnlyMemory<char>>(text => text.IsEmpty)
            : () => false;
        for (without = 0; cursor.MoveNext(); without++)
        {
            if (!isMissing())
                return true;
        }

        return false;

        Func<bool> Getter<T>(Func<T, bool> test)
        {
            ValueGetter<T> getter = cursor.GetGetter<T>(label);
            T value = default!;
            return () =>
            {
                getter(ref value);
                return test(value);
            };
        }
    }

    private static IDataView MapToKey(IDataView data, string labelColumn)
    {
        var estimator = new MLContext().Transforms.Conversion.MapValueToKey(
            labelColumn, keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue);
        return estimator.Fit(data).Transform(data);
    }

    // The class of the current row, from 0; -1 if its label is missing.
    private static Func<int> ClassGetter(DataViewRow row, DataViewSchema.Column label)
    {
        Type raw = label.Type.RawType;
        return raw == typeof(byte) ? Getter<byte>(value => value)
            : raw == typeof(ushort) ? Getter<ushort>(value => value)
            : raw == typeof(uint) ? Getter<uint>(value => (int)value)
            : Getter<ulong>(value => (int)value);

        Func<int> Getter<T>(Func<T, int> toInt)
            where T : struct
        {
            ValueGetter<T> getter = row.GetGetter<T>(label);
            T value = default;
            return () =>
            {
                getter(ref value);
                return toInt(value) - 1;
            };
        }
    }
}
