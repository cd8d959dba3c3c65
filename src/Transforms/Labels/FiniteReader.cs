using Microsoft.ML;
using MLNet.Papers.Images;
using MLNet.Papers.Networks;

namespace MLNet.Papers.Labels;

/// <summary>Reads the rows of a column, all of whose numbers must be finite.</summary>
/// <param name="cursor">Where the rows come from.</param>
/// <param name="reader">What reads them.</param>
/// <param name="column">The column's name.</param>
internal sealed class FiniteReader(DataViewRowCursor cursor, RowReader reader, string column)
{
    /// <summary>Reads the current row.</summary>
    /// <exception cref="InvalidOperationException">A number is not finite; the message names column and row.</exception>
    public void Read(Span<float> values)
    {
        reader.Read(values);
        if (FiniteValues.AreAll(values))
            return;
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                throw new InvalidOperationException($"Column '{column}' {reader.Describe(value, cursor.Position)}");
        }
    }
}
