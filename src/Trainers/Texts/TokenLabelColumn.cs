using Microsoft.ML;
using MLNet.Papers.Columns;
using MLNet.Papers.Labels;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNet.Papers.Texts;

/// <summary>A column of the labels of a text's tokens.</summary>
/// <param name="Name">Its name.</param>
internal sealed record TokenLabelColumn(string Name) : InputColumn
{
    /// <summary>Classes that stand for those that the column of a promised schema will have.</summary>
    public ClassLabels ClassesOf(SchemaShape schema) => ClassLabels.PromisedBy(Require(schema));

    /// <summary>Refuses tokens from whose labels nothing can be learned.</summary>
    /// <param name="column">The column.</param>
    /// <param name="present">How many different labels they have.</param>
    /// <param name="tokens">How many tokens have one.</param>
    /// <exception cref="InvalidOperationException">There are fewer than 2 labels.</exception>
    public static void RequireTwo(string column, int present, int tokens)
    {
        if (tokens == 0)
            throw new InvalidOperationException($"There is nothing to learn from: column '{column}' has no labels in any row.");
        if (present < 2)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Column '{column}' must have at least 2 different labels, but the {tokens} labelled tokens of all rows have {present}."));
        }
    }

    internal override string? FindFault(ColumnType type) =>
        type.Kind != VectorKind.Scalar && (type.IsKey || (type.Item is { } item && ClassLabels.Supports(item)))
            ? null
            : "a vector of keys of known count, texts, numbers or Booleans, one for each token";
}
