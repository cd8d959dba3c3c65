using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Interop;

/// <summary>Makes and reads <see cref="SchemaShape"/> columns, whose constructor ML.NET keeps internal.</summary>
internal static class SchemaShapes
{
    /// <summary>A column of a promised schema.</summary>
    public static SchemaShape.Column Column(
        string name, SchemaShape.Column.VectorKind kind, DataViewType itemType, bool isKey = false, IEnumerable<SchemaShape.Column>? annotations = null) =>
        new(name, kind, itemType, isKey, annotations is null ? null : new SchemaShape(annotations));

    /// <summary>A promised schema with more columns, which hide others of their names.</summary>
    public static SchemaShape With(SchemaShape schema, params IReadOnlyList<SchemaShape.Column> added)
    {
        HashSet<string> hidden = [.. added.Select(column => column.Name)];
        return new SchemaShape([.. schema.Where(column => !hidden.Contains(column.Name)), .. added]);
    }

    /// <summary>The shape of an actual schema.</summary>
    public static SchemaShape Of(DataViewSchema schema) => SchemaShape.Create(schema);

    /// <summary>Finds a column by its name.</summary>
    public static SchemaShape.Column? Find(SchemaShape schema, string name) => schema.TryFindColumn(name, out SchemaShape.Column column) ? column : null;

    /// <summary>The column's type as ML.NET writes it in messages, such as <c>Vector&lt;Single&gt;</c>.</summary>
    public static string TypeName(SchemaShape.Column column) => column.GetTypeString();

    /// <summary>Whether <paramref name="delivered"/> has everything that <paramref name="promised"/> promises, annotations included.</summary>
    public static bool Fits(SchemaShape.Column promised, SchemaShape.Column delivered) => promised.IsCompatibleWith(delivered);
}
