using Microsoft.ML;
using MLNet.Papers.Interop;

namespace MLNet.Papers.Columns;

/// <summary>A column that an estimator or a transformer reads, and what it accepts: said once, for columns that are there and for promised ones.</summary>
/// <remarks>
/// All errors name the column, what it must be and what it is. They name no parameter: what is wrong is the column that a user's argument or option names.
/// </remarks>
internal abstract record InputColumn
{
    /// <summary>The column's name.</summary>
    public abstract string Name { get; init; }

    /// <summary>The option that names the column; null where an argument does.</summary>
    internal string? Option { get; init; }

    /// <summary>Finds the column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public DataViewSchema.Column Require(DataViewSchema schema)
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(Name) ?? throw Missing(schema.Select(known => known.Name));
        Check(new ColumnType(column));
        return column;
    }

    /// <summary>The same check on a schema that is still a promise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public SchemaShape.Column Require(SchemaShape schema)
    {
        SchemaShape.Column column = SchemaShapes.Find(schema, Name) ?? throw Missing(schema.Select(known => known.Name));
        Check(new ColumnType(column));
        return column;
    }

    /// <summary>What a column of such a type fails to be, to stand behind "must be"; or null.</summary>
    internal abstract string? FindFault(ColumnType type);

    /// <summary>What such a column is, to stand behind "but is".</summary>
    internal virtual string Describe(ColumnType type) => type.ToString();

    /// <summary>What rows to validate on must have in its place, where those to train on have <paramref name="training"/>.</summary>
    internal virtual InputColumn Like(DataViewSchema.Column training) => this;

    private void Check(ColumnType type)
    {
        if (FindFault(type) is { } requirement)
            throw new ArgumentOutOfRangeException(null, $"Column '{Name}' must be {requirement}, but is {Describe(type)}.");
    }

    private ArgumentOutOfRangeException Missing(IEnumerable<string> known)
    {
        string columns = string.Join(", ", known.Distinct().Select(column => $"'{column}'"));
        return new(null, $"Column '{Name}'{(Option is null ? "" : $", which {Option} names,")} is missing; the columns are {columns}.");
    }
}
