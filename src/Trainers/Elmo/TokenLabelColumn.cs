using Microsoft.ML;
using MLNet.Papers.Columns;
using MLNet.Papers.Labels;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Elmo;

/// <summary>A column of the labels of a text's tokens.</summary>
/// <param name="Name">Its name.</param>
internal sealed record TokenLabelColumn(string Name) : InputColumn
{
    /// <summary>Classes that stand for those that the column of a promised schema will have.</summary>
    public ClassLabels ClassesOf(SchemaShape schema) => ClassLabels.PromisedBy(Require(schema));

    internal override string? FindFault(ColumnType type) =>
        type.Kind != VectorKind.Scalar && (type.IsKey || (type.Item is { } item && ClassLabels.Supports(item)))
            ? null
            : "a vector of keys of known count, texts, numbers or Booleans, one for each token";
}
