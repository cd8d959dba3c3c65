using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Labels;

/// <summary>Finds label columns.</summary>
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
}
