namespace MLNet.Papers.FastText;

/// <summary>The rows of a model's input or output: as numbers or compressed.</summary>
internal abstract class EmbeddingMatrix(int rows, int columns)
{
    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    /// <summary>sum += scale · row.</summary>
    public abstract void AddRow(int row, Span<float> sum, float scale = 1);

    /// <summary>sum += each of the rows; a row that is named twice counts twice.</summary>
    public abstract void AddRows(ReadOnlySpan<int> rows, Span<float> sum);

    /// <summary>The inner product of a row and a vector.</summary>
    public abstract float Dot(int row, ReadOnlySpan<float> vector);

    /// <summary>The mean of some rows; zero if there are none.</summary>
    public void Mean(ReadOnlySpan<int> rows, Span<float> mean)
    {
        mean.Clear();
        AddRows(rows, mean);
        if (rows.Length > 1)
            System.Numerics.Tensors.TensorPrimitives.Multiply(mean, 1f / rows.Length, mean);
    }

    /// <summary>The inner products of all rows and a vector.</summary>
    public virtual void Multiply(ReadOnlySpan<float> vector, Span<float> products)
    {
        for (int row = 0; row < Rows; row++)
            products[row] = Dot(row, vector);
    }
}
