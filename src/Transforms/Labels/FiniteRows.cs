using System.Numerics.Tensors;
using Microsoft.ML;
using MLNet.Papers.Images;

namespace MLNet.Papers.Labels;

/// <summary>Collects the rows of a column, all of whose numbers must be finite.</summary>
/// <param name="cursor">Where the rows come from.</param>
/// <param name="reader">What reads them.</param>
/// <param name="column">The column's name.</param>
/// <param name="size">Numbers in a row.</param>
internal sealed class FiniteRows(DataViewRowCursor cursor, RowReader reader, string column, int size)
{
    private readonly List<float[]> _rows = [];

    /// <summary>Takes the current row.</summary>
    /// <exception cref="InvalidOperationException">A number is not finite; the message names column and row.</exception>
    public void Read()
    {
        float[] row = new float[size];
        reader.Read(row);
        if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(row)))
            throw new InvalidOperationException($"Column '{column}' {reader.Describe(row.First(value => !float.IsFinite(value)), cursor.Position)}");
        _rows.Add(row);
    }

    /// <summary>The rows one after the other.</summary>
    public float[] ToArray()
    {
        float[] all = new float[checked(_rows.Count * size)];
        for (int row = 0; row < _rows.Count; row++)
            _rows[row].CopyTo(all, row * size);
        return all;
    }
}
