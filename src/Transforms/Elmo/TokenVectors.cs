using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;
using MLNet.Papers.Scoring;

namespace MLNet.Papers.Elmo;

/// <summary>Columns that hold the vectors of a text's tokens, one after the other.</summary>
internal static class TokenVectors
{
    private const string Requirement = "a vector of Single, the vectors of the tokens one after the other";

    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public static DataViewSchema.Column Require(DataViewSchema schema, string name)
    {
        DataViewSchema.Column column = InputColumns.Require(schema, name);
        return column.Type is VectorDataViewType { ItemType: NumberDataViewType item } && item.Equals(NumberDataViewType.Single)
            ? column
            : throw InputColumns.Mismatch(name, Requirement, column.Type.ToString()!);
    }

    /// <summary>The same check on the shape of a schema that is still a promise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public static void Require(SchemaShape schema, string name)
    {
        SchemaShape.Column column = InputColumns.Require(schema, name);
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar || column.IsKey || !column.ItemType.Equals(NumberDataViewType.Single))
            throw InputColumns.Mismatch(name, Requirement, SchemaShapes.TypeName(column));
    }
}
