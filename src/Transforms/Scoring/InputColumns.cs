using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Papers.Scoring;

/// <summary>Checks what rows have in their input columns.</summary>
internal static class InputColumns
{
    /// <summary>Checks that a row's vector is as long as its column says; a column of variable length takes any.</summary>
    /// <param name="column">The column.</param>
    /// <param name="found">How many values the row has.</param>
    /// <param name="row">The number of the row.</param>
    /// <exception cref="InvalidOperationException">It is null, empty, shorter or longer.</exception>
    public static void RequireLength(DataViewSchema.Column column, int found, long row)
    {
        if (column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.Size != found)
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"Column '{column.Name}' must have {vector.Size} values in every row, but has {found} in row {row}."));
        }
    }
}
