using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Labels;

/// <summary>Finds label columns and turns them into keys.</summary>
internal static class LabelColumn
{
    private const string Requirement = "a key of known count, a text, a number or a Boolean";
    private const string SeveralRequirement = Requirement + ", or a vector of keys";

    /// <summary>Finds a column that can be a label.</summary>
    /// <param name="schema">The schema to search.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="allowSeveral">Whether a row may have several labels: a vector of keys.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public static DataViewSchema.Column Require(DataViewSchema schema, string name, bool allowSeveral = false)
    {
        DataViewSchema.Column column = InputColumns.Require(schema, name);
        DataViewType type = allowSeveral && column.Type is VectorDataViewType { ItemType: KeyDataViewType } vector ? vector.ItemType : column.Type;
        bool fits = type is KeyDataViewType key ? key.Count is > 0 and <= int.MaxValue : ClassLabels.Supports(type);
        return fits ? column : throw InputColumns.Mismatch(name, allowSeveral ? SeveralRequirement : Requirement, column.Type.ToString()!);
    }

    /// <summary>The same check on the shape of a schema that is still a promise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public static SchemaShape.Column Require(SchemaShape schema, string name, bool allowSeveral = false)
    {
        SchemaShape.Column column = InputColumns.Require(schema, name);
        bool fits = column.Kind == SchemaShape.Column.VectorKind.Scalar
            ? column.IsKey || ClassLabels.Supports(column.ItemType)
            : allowSeveral && column.IsKey;
        return fits ? column : throw InputColumns.Mismatch(name, allowSeveral ? SeveralRequirement : Requirement, SchemaShapes.TypeName(column));
    }

    /// <summary>The view with the label as a key: as it is, or by one pass over it, the distinct values sorted.</summary>
    /// <param name="data">The view.</param>
    /// <param name="name">A label column.</param>
    /// <param name="withoutLabel">How many rows were found to have none, if the result is null.</param>
    /// <returns>The view; null if the label is no key and no row has one.</returns>
    public static IDataView? AsKeys(IDataView data, string name, out int withoutLabel)
    {
        withoutLabel = 0;
        if (data.Schema[name].Type is KeyDataViewType or VectorDataViewType)
            return data;
        if (!HasLabel(data, name, out withoutLabel))
            return null;
        return new MLContext().Transforms.Conversion.MapValueToKey(name, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(data).Transform(data);
    }

    // ML.NET's mapping fails where no row has a label. Reads up to the first that has one.
    private static bool HasLabel(IDataView data, string name, out int without)
    {
        DataViewSchema.Column label = data.Schema[name];
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
}
