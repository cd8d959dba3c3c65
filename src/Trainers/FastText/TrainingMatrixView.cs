using System.Numerics.Tensors;

namespace MLNet.Papers.FastText;

/// <summary>The first rows of a matrix while it is trained, to be scored with between two epochs.</summary>
internal sealed class TrainingMatrixView(TrainingMatrix matrix, int rows) : EmbeddingMatrix(rows, matrix.Columns)
{
    public override void AddRow(int row, Span<float> sum, float scale = 1) => TensorPrimitives.MultiplyAdd(matrix.Values(row), scale, sum, sum);

    public override void AddRows(ReadOnlySpan<int> rows, Span<float> sum)
    {
        foreach (int row in rows)
            AddRow(row, sum);
    }

    public override float Dot(int row, ReadOnlySpan<float> vector) => TensorPrimitives.Dot(matrix.Values(row), vector);
}
