using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Columns;

/// <summary>A column of one value a row.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of the values; null for texts.</param>
internal sealed record ScalarColumn(string Name, PrimitiveDataViewType? Type = null) : InputColumn
{
    /// <summary>A column of texts.</summary>
    public static ScalarColumn Text(string name) => new(name);

    internal override string? FindFault(ColumnType type) =>
        type.Kind == SchemaShape.Column.VectorKind.Scalar && (Type ?? TextDataViewType.Instance).Equals(type.Item) ? null
        : Type is null ? "a text"
        : $"of type {Type}";
}
