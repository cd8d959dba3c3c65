using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Training;

/// <summary>A column of numbers that a network shall learn to give: one a row, or vectors of known length.</summary>
/// <param name="Name">Its name.</param>
internal sealed record TargetColumn(string Name) : InputColumn
{
    /// <summary>How many numbers a row must have; null for any.</summary>
    public int? Size { get; init; }

    /// <summary>Whether a column holds numbers to learn, as opposed to classes.</summary>
    public static bool IsTarget(ColumnType type) => type.Kind != VectorKind.VariableVector && type.IsSingle;

    /// <summary>How many numbers a row of a schema has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is of another type.</exception>
    public int SizeIn(DataViewSchema schema) => SizeOf(Require(schema));

    internal override string? FindFault(ColumnType type)
    {
        if (!IsTarget(type))
            return "a Single or a vector of Single of known length";
        bool fits = type.Kind == VectorKind.Scalar ? Size is null or 1 : type.Allows(Size);
        return fits ? null : FormattableString.Invariant($"a vector of Single of length {Size}");
    }

    internal override InputColumn Like(DataViewSchema.Column training) => this with { Size = SizeOf(training) };

    private static int SizeOf(DataViewSchema.Column column) => (column.Type as VectorDataViewType)?.Size ?? 1;
}
