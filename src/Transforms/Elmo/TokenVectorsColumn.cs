using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Papers.Columns;

namespace MLNet.Papers.Elmo;

/// <summary>A column that holds the vectors of a text's tokens, one after the other.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">The length of a token's vector; null for any.</param>
internal sealed record TokenVectorsColumn(string Name, int? Size = null) : InputColumn
{
    internal override string? FindFault(ColumnType type) =>
        type.Kind == SchemaShape.Column.VectorKind.Scalar || !type.IsSingle ? "a vector of Single, the vectors of the tokens one after the other"
        : Size is { } expected && SizeIn(type.Vector) is { } size && size != expected ? FormattableString.Invariant($"vectors of {expected} values a token")
        : null;

    internal override InputColumn Like(DataViewSchema.Column training) =>
        SizeIn((VectorDataViewType)training.Type) is { } size ? this with { Size = size } : this;

    // The length of a token's vector, where the type says it.
    private static int? SizeIn(VectorDataViewType? type) => type?.Dimensions is [_, .., > 0 and var size] ? size : null;
}
