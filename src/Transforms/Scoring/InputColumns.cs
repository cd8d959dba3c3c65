using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Scoring;

/// <summary>Finds and checks input columns. All errors name the column, what it must be and what it is.</summary>
internal static class InputColumns
{
    /// <summary>Finds a column that must be a vector of Single of known length.</summary>
    /// <param name="schema">The schema to search.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="length">The length it must have, or null for any.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public static DataViewSchema.Column RequireVector(DataViewSchema schema, string name, int? length = null)
    {
        DataViewSchema.Column column = Require(schema, name);
        bool fits = column.Type is VectorDataViewType { IsKnownSize: true } vector
            && vector.ItemType.Equals(NumberDataViewType.Single)
            && (length is null || vector.Size == length);
        return fits ? column : throw Mismatch(name, VectorRequirement(length), column.Type.ToString()!);
    }

    /// <summary>Finds a column that must be a text or a vector of texts, of known length or not.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public static DataViewSchema.Column RequireText(DataViewSchema schema, string name)
    {
        DataViewSchema.Column column = Require(schema, name);
        DataViewType item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        return item is TextDataViewType ? column : throw Mismatch(name, TextRequirement, column.Type.ToString()!);
    }

    /// <summary>The same check on the shape of a schema that is still a promise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public static SchemaShape.Column RequireText(SchemaShape schema, string name)
    {
        SchemaShape.Column column = Require(schema, name);
        return column.ItemType is TextDataViewType && !column.IsKey ? column : throw Mismatch(name, TextRequirement, SchemaShapes.TypeName(column));
    }

    /// <summary>Finds a column by its name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    /// <param name="schema">The schema to search.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="option">The option that names it; null where that is an argument.</param>
    public static DataViewSchema.Column Require(DataViewSchema schema, string name, string? option = null) =>
        schema.GetColumnOrNull(name) ?? throw Missing(name, schema.Select(column => column.Name), option);

    /// <summary>The same check on the shape of a schema that is still a promise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public static SchemaShape.Column RequireVector(SchemaShape schema, string name)
    {
        SchemaShape.Column column = Require(schema, name);
        bool fits = column.Kind == SchemaShape.Column.VectorKind.Vector && column.ItemType.Equals(NumberDataViewType.Single) && !column.IsKey;
        return fits ? column : throw Mismatch(name, VectorRequirement(null), SchemaShapes.TypeName(column));
    }

    /// <summary>Finds a column of a schema that is still a promise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    /// <param name="schema">The schema to search.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="option">The option that names it; null where that is an argument.</param>
    public static SchemaShape.Column Require(SchemaShape schema, string name, string? option = null) =>
        SchemaShapes.Find(schema, name) ?? throw Missing(name, schema.Select(column => column.Name), option);

    /// <summary>The error for a column of the wrong type. It names no parameter: what is wrong is the column that one of the user's arguments or options names.</summary>
    public static ArgumentOutOfRangeException Mismatch(string name, string requirement, string found) =>
        new(null, $"Column '{name}' must be {requirement}, but is {found}.");

    private static ArgumentOutOfRangeException Missing(string name, IEnumerable<string> known, string? option) =>
        new(null, $"Column '{name}'{(option is null ? "" : $", which {option} names,")} is missing; the columns are {string.Join(", ", known.Distinct().Select(column => $"'{column}'"))}.");

    private const string TextRequirement = "a text or a vector of texts";

    private static string VectorRequirement(int? length) =>
        length is null ? "a vector of Single of known length" : $"a vector of Single of length {length}";
}
