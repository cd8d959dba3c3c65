using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Interop;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Scoring;

/// <summary>Finds and checks input columns. All errors name the column, what it must be and what it is.</summary>
internal static class InputColumns
{
    /// <summary>Finds a column that must be a vector of Single of known length.</summary>
    /// <param name="schema">The schema to search.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="length">The length it must have, or null for any.</param>
    /// <param name="image">The image that a row is, or null for a plain vector.</param>
    /// <param name="because">The options that the length comes from, in words; null to say the length alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public static DataViewSchema.Column RequireVector(DataViewSchema schema, string name, int? length = null, ImageShape? image = null, string? because = null)
    {
        length ??= image?.Size;
        DataViewSchema.Column column = Require(schema, name);
        bool fits = column.Type is VectorDataViewType { IsKnownSize: true } vector
            && vector.ItemType.Equals(NumberDataViewType.Single)
            && (length is null || vector.Size == length);
        if (!fits)
            throw Mismatch(name, VectorRequirement(length) + (because is null ? "" : $" ({because})"), column.Type.ToString()!);
        if (image is { } shape)
            RequireShape(column, shape);
        return column;
    }

    /// <summary>Finds a column that a network reads.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public static DataViewSchema.Column RequireVector(DataViewSchema schema, string name, INetworkArchitecture network) =>
        RequireVector(schema, name, network.InputSize, network.Image);

    /// <summary>Checks that a vector whose type has dimensions has those of an image; axes of one value do not matter.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has others: its values stand in another order.</exception>
    public static void RequireShape(DataViewSchema.Column column, ImageShape shape)
    {
        int[] expected = [shape.Channels, shape.Height, shape.Width];
        IReadOnlyList<int> found = ((VectorDataViewType)column.Type).Dimensions;
        if (found.Count > 1 && !found.Where(length => length > 1).SequenceEqual(expected.Where(length => length > 1)))
            throw Mismatch(column.Name, $"an image of {shape} (channels, rows, columns; ExtractPixels gives it with interleavePixelColors: false)", column.Type.ToString()!);
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

    /// <summary>Checks that a row's vector is as long as its column says; a column of variable length takes any.</summary>
    /// <param name="column">The column.</param>
    /// <param name="found">How many values the row has.</param>
    /// <param name="row">The number of the row.</param>
    /// <exception cref="InvalidOperationException">It is null, empty, shorter or longer.</exception>
    public static void RequireLength(DataViewSchema.Column column, int found, long row)
    {
        if (column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.Size != found)
            throw new InvalidOperationException(FormattableString.Invariant($"Column '{column.Name}' must have {vector.Size} values in every row, but has {found} in row {row}."));
    }

    /// <summary>The error for a column of the wrong type. It names no parameter: what is wrong is the column that one of the user's arguments or options names.</summary>
    public static ArgumentOutOfRangeException Mismatch(string name, string requirement, string found) =>
        new(null, $"Column '{name}' must be {requirement}, but is {found}.");

    private static ArgumentOutOfRangeException Missing(string name, IEnumerable<string> known, string? option) =>
        new(null, $"Column '{name}'{(option is null ? "" : $", which {option} names,")} is missing; the columns are {string.Join(", ", known.Distinct().Select(column => $"'{column}'"))}.");

    private const string TextRequirement = "a text or a vector of texts";

    private static string VectorRequirement(int? length) =>
        length is null ? "a vector of Single of known length" : $"a vector of Single of length {length}";
}
