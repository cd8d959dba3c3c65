using MLNet.Papers.Columns;

namespace MLNet.Papers.Elmo;

/// <summary>A column that holds the vectors of a text's tokens, one after the other.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">The length of a token's vector; null for any.</param>
internal sealed record TokenVectorsColumn(string Name, int? Size = null) : InputColumn
{
    internal override string? FindFault(ColumnType type) =>
        type.Kind == Microsoft.ML.SchemaShape.Column.VectorKind.Scalar || !type.IsSingle ? "a vector of Single, the vectors of the tokens one after the other"
        : Size is { } expected && type.Vector?.Dimensions is [.., > 0 and var size] dimensions && dimensions.Length > 1 && size != expected
            ? FormattableString.Invariant($"vectors of {expected} values a token")
        : null;
}
